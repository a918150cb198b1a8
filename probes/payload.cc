#include "probes/payload.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "embedded/payloads.h"
#include "probes/generate.h"
#include "probes/token.h"

namespace readback::probes {
namespace {

const nlohmann::json& corpus() {
  static const nlohmann::json parsed = nlohmann::json::parse(embedded::payloads);
  return parsed;
}

PayloadClass read_class(const nlohmann::json& entry) {
  PayloadClass read;
  entry.at("payload_class").get_to(read.name);
  entry.at("what").get_to(read.what);
  read.in_text_field = entry.at("carried_by") == "text_field";
  entry.at("has_nonce").get_to(read.has_nonce);
  entry.at("is_default").get_to(read.is_default);
  entry.at("default_policy").get_to(read.policy);
  read.may_be_refused = read.policy == "exact_or_refusal";
  entry.at("bugs").get_to(read.bugs);
  return read;
}

void replace(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

}  // namespace

const std::vector<PayloadClass>& payload_classes() {
  static const std::vector<PayloadClass> classes = [] {
    std::vector<PayloadClass> read;
    for (const auto& entry : corpus().at("payload_classes")) read.push_back(read_class(entry));
    return read;
  }();
  return classes;
}

const PayloadClass* find_payload_class(std::string_view name) {
  const auto& all = payload_classes();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [name](const PayloadClass& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

Result<std::string> make_text(std::string_view payload_class, std::uint64_t seed,
                              std::string_view field) {
  const PayloadClass* const found = find_payload_class(payload_class);
  const std::string quoted = "\"" + std::string(payload_class) + "\"";
  if (found == nullptr) return Problem{"", "there is no payload class " + quoted};
  if (!found->in_text_field) return Problem{"", "no text field can carry payload class " + quoted};

  const auto index = static_cast<std::size_t>(found - payload_classes().data());
  const auto& exemplars = corpus().at("payload_classes").at(index).at("exemplars");
  const auto& exemplar = exemplars.at(seed % exemplars.size());
  const Nonce nonce{.seed = seed, .token = token(seed, field), .tail = tail(seed, field)};
  // In place, for gcc takes a Problem to be constructible from a string, too.
  using boost::system::in_place_value;
  if (exemplar.is_object()) {
    return Result<std::string>(in_place_value, generate(exemplar, corpus(), nonce));
  }
  auto text = exemplar.get<std::string>();
  replace(text, "{n}", nonce.token);
  replace(text, "{t}", nonce.tail);
  return Result<std::string>(in_place_value, std::move(text));
}

}  // namespace readback::probes
