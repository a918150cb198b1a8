#include "probes/extract.h"

#include <unicode/regex.h>
#include <unicode/unistr.h>

namespace readback::probes {
namespace {

using nlohmann::json;

constexpr int kDeepest = 64;
constexpr std::int32_t kMatchSteps = 1'000;      // ICU's unit, about a millisecond each
constexpr std::size_t kLongestMatched = 10'000;  // bytes
constexpr std::size_t kKeysTold = 8;

std::optional<json> parse(std::string_view text) {
  bool is_too_deep = false;
  const json::parser_callback_t watch = [&](int depth, json::parse_event_t, json&) {
    if (depth > kDeepest) is_too_deep = true;
    return !is_too_deep;
  };
  auto value = json::parse(text, watch, /*allow_exceptions=*/false);
  if (value.is_discarded() || is_too_deep) return std::nullopt;
  return value;
}

// Every escape is taken whole, so that the backslash of one is never the start of another.
std::string without_half_pairs(std::string_view body) {
  auto status = U_ZERO_ERROR;
  auto text = icu::UnicodeString::fromUTF8({body.data(), static_cast<std::int32_t>(body.size())});
  icu::RegexMatcher escapes(R"(\\(?:(u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|)"
                            R"((u[dD][89a-fA-F][0-9a-fA-F]{2})|.))",
                            text, UREGEX_DOTALL, status);
  icu::UnicodeString repaired;
  while (U_SUCCESS(status) && escapes.find(status)) {
    const bool is_half = escapes.start(2, status) >= 0;
    escapes.appendReplacement(repaired, is_half ? R"(\\ufffd)" : "$0", status);
  }
  escapes.appendTail(repaired);
  std::string result;
  return U_SUCCESS(status) ? repaired.toUTF8String(result) : std::string(body);
}

bool matches(const std::string& pattern, const std::string& text) {
  if (text.size() > kLongestMatched) return false;
  auto status = U_ZERO_ERROR;
  const auto wide = icu::UnicodeString::fromUTF8(text);
  icu::RegexMatcher matcher(icu::UnicodeString::fromUTF8(pattern), wide, 0, status);
  matcher.setTimeLimit(kMatchSteps, status);
  return U_SUCCESS(status) && matcher.matches(status) && U_SUCCESS(status);
}

std::string named(std::string_view pointer) {
  return pointer.empty() ? "the top" : std::string(pointer);
}

std::optional<std::string> unmet_condition(const Condition& condition, const json& body,
                                           const Lookup& lookup) {
  const auto* value = find_at(body, condition.pointer);
  if (value == nullptr) return advice(body, condition.pointer);
  switch (condition.kind) {
    case Condition::Kind::exists:
      return value->is_null() ? std::optional(named(condition.pointer) + " is null") : std::nullopt;
    case Condition::Kind::equals: {
      const auto expected = fill_body(condition.equals, lookup);
      if (!expected) return expected.error().what;
      if (*value == *expected) return std::nullopt;
      return named(condition.pointer) + " is not " + condition.equals.dump();
    }
    case Condition::Kind::matches:
      break;
  }
  const auto text = value->is_string()   ? value->get<std::string>()
                    : value->is_number() ? value->dump()
                                         : std::string();
  if (!value->is_structured() && matches(condition.matches, text)) return std::nullopt;
  return named(condition.pointer) + " does not match " + condition.matches;
}

}  // namespace

std::optional<json> parse_body(std::string_view body) {
  auto value = parse(body);
  return value ? std::move(value) : parse(without_half_pairs(body));
}

bool is_pointer(std::string_view text) {
  try {
    return json::json_pointer(std::string(text)).empty() == text.empty();
  } catch (const json::exception&) {
    return false;
  }
}

const json* find_at(const json& whole, std::string_view pointer) {
  try {
    const json::json_pointer path{std::string(pointer)};
    return whole.contains(path) ? &whole.at(path) : nullptr;
  } catch (const json::exception&) {
    return nullptr;  // An index beyond what is a number, mostly.
  }
}

std::string advice(const json& whole, std::string_view pointer) {
  auto above = pointer;
  const json* value = nullptr;
  while (value == nullptr && !above.empty()) {
    above = above.substr(0, above.rfind('/'));
    value = find_at(whole, above);
  }
  auto text = "there is no " + named(pointer);
  if (value == nullptr) return text;
  text += ", at " + named(above);
  if (value->is_array()) return text + " is a list of " + std::to_string(value->size());
  if (!value->is_object()) return text + " is a " + value->type_name();
  text += value->empty() ? " is nothing" : " are: ";
  std::size_t told = 0;
  for (const auto& [key, unused] : value->items()) {
    if (told == kKeysTold) return text + ", ...";
    text += (told++ == 0 ? "" : ", ") + key.substr(0, 40);
  }
  return text;
}

std::optional<std::string> pattern_fault(std::string_view pattern) {
  auto status = U_ZERO_ERROR;
  const icu::RegexMatcher matcher(icu::UnicodeString::fromUTF8(std::string(pattern)), 0, status);
  if (U_SUCCESS(status)) return std::nullopt;
  return "is no regular expression (" + std::string(u_errorName(status)) + ")";
}

std::optional<std::string> unmet(const Answer& answer, int status, const json* body,
                                 const Lookup& lookup) {
  if (!answer.status.contains(status)) {
    std::string expected;
    for (const int one : answer.status)
      expected += (expected.empty() ? "" : " or ") + std::to_string(one);
    return "status " + std::to_string(status) + ", expected " + expected;
  }
  if (answer.body.empty()) return std::nullopt;
  if (body == nullptr) return "the body is no JSON";
  for (const auto& condition : answer.body)
    if (auto why = unmet_condition(condition, *body, lookup)) return why;
  return std::nullopt;
}

Selected select(const json& body, const std::optional<Selection>& selection, const Lookup& lookup) {
  if (!selection) return {&body, false, ""};
  const auto* items = find_at(body, selection->items);
  if (items == nullptr) return {nullptr, false, advice(body, selection->items)};
  if (!items->is_array()) return {nullptr, false, named(selection->items) + " is no list"};
  const auto count = std::to_string(items->size());
  if (!selection->where) {
    if (items->empty()) return {nullptr, true, "the list is empty"};
    return {&items->front(), false, ""};
  }
  const auto wanted = fill_text(selection->where->equals, lookup);
  if (!wanted) return {nullptr, false, wanted.error().what};
  for (const auto& item : *items) {
    const auto* value = find_at(item, selection->where->pointer);
    if (value == nullptr || value->is_structured()) continue;
    const auto text = value->is_string() ? value->get<std::string>() : value->dump();
    if (text == *wanted) return {&item, false, ""};
  }
  return {nullptr, true, "it is not among the " + count + " of the list"};
}

}  // namespace readback::probes
