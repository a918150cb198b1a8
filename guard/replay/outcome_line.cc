#include "guard/replay/outcome_line.h"

#include "guard/schema.h"

namespace readback::guard {

using Json = nlohmann::json;

constexpr std::uint64_t kMostCount = 1'000'000'000'000;

OutcomeLine::OutcomeLine(const Json& object) : object_(object) {
  if (!object.is_object()) refuse("not a JSON object");
}

bool OutcomeLine::has(const std::string& key) {
  asked_.insert(key);
  return object_.is_object() && object_.contains(key);
}

bool OutcomeLine::flag(const std::string& key) {
  const Json* value = find(key);
  if (value == nullptr) return false;
  if (!value->is_boolean()) refuse("\"" + key + "\" is not true or false");
  return value->is_boolean() && value->get<bool>();
}

std::uint64_t OutcomeLine::count(const std::string& key, std::uint64_t least) {
  const Json* value = find(key);
  if (value == nullptr) return least;
  if (value->is_number_unsigned() && *value >= least && *value <= kMostCount)
    return value->get<std::uint64_t>();
  refuse("\"" + key + "\" is not a whole number from " + std::to_string(least) + " to 10^12");
  return least;
}

std::uint64_t OutcomeLine::count_or(const std::string& key, std::uint64_t least,
                                    std::uint64_t otherwise) {
  return has(key) ? count(key, least) : otherwise;
}

double OutcomeLine::positive(const std::string& key) {
  const Json* value = find(key);
  if (value != nullptr && value->is_number() && *value > 0) return value->get<double>();
  if (value != nullptr) refuse("\"" + key + "\" is not a number over 0");
  return 1;
}

std::string OutcomeLine::text(const std::string& key) {
  const Json* value = find(key);
  if (value != nullptr && value->is_string()) return value->get<std::string>();
  if (value != nullptr) refuse("\"" + key + "\" is not a text");
  return "";
}

std::string OutcomeLine::word(const std::string& key, std::initializer_list<const char*> words) {
  const std::string found = text(key);
  std::string all;
  for (const char* word : words) {
    if (found == word) return found;
    all += (all.empty() ? "" : ", ") + std::string(word);
  }
  refuse("\"" + key + "\" is not one of " + all);
  return *words.begin();
}

const Json& OutcomeLine::list(const std::string& key) {
  static const Json kEmpty = Json::array();
  const Json* value = find(key);
  if (value != nullptr && value->is_array() && !value->empty() && value->size() <= 10'000)
    return *value;
  if (value != nullptr) refuse("\"" + key + "\" is not a list of 1 to 10000");
  return kEmpty;
}

void OutcomeLine::refuse(std::string why) {
  if (!fault_) fault_ = std::move(why);
}

std::optional<std::string> OutcomeLine::fault() {
  if (fault_) return fault_;
  for (const auto& [key, ignored] : object_.items()) {
    if (asked_.contains(key)) continue;
    const std::string nearest = nearest_key(key, asked_);
    return "unknown key \"" + key + "\"" +
           (nearest.empty() ? "" : ": did you mean \"" + nearest + "\"?");
  }
  return std::nullopt;
}

const Json* OutcomeLine::find(const std::string& key) {
  if (has(key)) return &object_.at(key);
  refuse("\"" + key + "\" is missing");
  return nullptr;
}

}  // namespace readback::guard
