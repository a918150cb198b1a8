#include "probes/node.h"

#include <algorithm>
#include <cctype>

#include "probes/duration.h"

namespace readback::probes {

using nlohmann::json;

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
         });
}

Node Node::at(std::string_view key) const {
  const auto where = where_ / std::string(key);
  if (value_ == nullptr || !value_->is_object()) return {nullptr, where, *problems_};
  const auto found = value_->find(key);
  return {found == value_->end() ? nullptr : &*found, where, *problems_};
}

std::vector<std::pair<std::string, Node>> Node::members() const {
  std::vector<std::pair<std::string, Node>> result;
  if (value_ == nullptr) return result;
  if (!value_->is_object()) problem("is no map");
  if (value_->is_object())
    for (const auto& [key, value] : value_->items())
      result.emplace_back(key, Node(&value, where_ / key, *problems_));
  return result;
}

std::vector<Node> Node::items() const {
  std::vector<Node> result;
  if (value_ == nullptr) return result;
  if (!value_->is_array()) problem("is no list");
  if (value_->is_array())
    for (std::size_t i = 0; i < value_->size(); ++i)
      result.emplace_back(&(*value_)[i], where_ / i, *problems_);
  return result;
}

std::string Node::text() const {
  if (value_ == nullptr) problem("is missing");
  auto text = this->text("");
  if (value_ != nullptr && value_->is_string() && text.empty()) problem("is empty");
  return text;
}

std::string Node::text(std::string_view fallback) const {
  if (value_ == nullptr) return std::string(fallback);
  if (value_->is_string()) return value_->get<std::string>();
  problem("is no text");
  return std::string(fallback);
}

std::string Node::word() const {
  auto word = text();
  if (!word.empty() && !is_word(word)) problem("is more than letters, digits, '_', '-' and '.'");
  return word;
}

bool Node::truth(bool fallback) const {
  if (value_ == nullptr) return fallback;
  if (value_->is_boolean()) return value_->get<bool>();
  problem("is neither true nor false");
  return fallback;
}

std::uint64_t Node::number(std::uint64_t fallback, std::uint64_t least, std::uint64_t most) const {
  if (value_ == nullptr) return fallback;
  // A whole number below zero is signed, anything above it unsigned.
  if (value_->is_number_unsigned()) {
    const auto number = value_->get<std::uint64_t>();
    if (least <= number && number <= most) return number;
  } else if (value_->is_number_integer() && value_->get<std::int64_t>() >= 0) {
    const auto number = static_cast<std::uint64_t>(value_->get<std::int64_t>());
    if (least <= number && number <= most) return number;
  }
  problem("is no whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return fallback;
}

double Node::share(double fallback, double most) const {
  if (value_ == nullptr) return fallback;
  if (value_->is_number()) {
    const auto share = value_->get<double>();
    if (share >= 0 && share <= most) return share;
  }
  problem("is no share from 0 to " + json(most).dump());
  return fallback;
}

std::chrono::milliseconds Node::duration(std::optional<std::chrono::milliseconds> fallback) const {
  const auto otherwise = fallback.value_or(std::chrono::milliseconds{});
  if (value_ == nullptr) {
    if (!fallback) problem("is missing");
    return otherwise;
  }
  if (!value_->is_string()) {
    problem("is no duration: write it as 250 ms, 2 s, 5 min, 1 h or 30 d");
    return otherwise;
  }
  const auto time = parse_duration(value_->get_ref<const std::string&>());
  if (time) return *time;
  problem(time.error().what);
  return otherwise;
}

std::vector<std::string> Node::texts() const {
  std::vector<std::string> result;
  for (const auto& item : items()) result.push_back(item.text());
  return result;
}

}  // namespace readback::probes
