#include <unicode/unistr.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "flags/targeting/operators.h"
#include "flags/targeting/semantic_version.h"

namespace readback::flags::targeting::operators {
namespace {

// JavaScript's idea of a place: truncated, and what is no number is 0.
std::int64_t place_of(const Value& value) {
  constexpr double kFar = 1e9;
  const double number = number_of(value).value_or(0);
  return static_cast<std::int64_t>(std::trunc(std::clamp(number, -kFar, kFar)));
}

// String.prototype.substr: places and lengths are of UTF-16 units.
icu::UnicodeString substr(const icu::UnicodeString& text, std::int64_t from, std::int64_t length) {
  const std::int64_t size = text.length();
  if (from < 0) from = std::max<std::int64_t>(size + from, 0);
  from = std::min(from, size);
  length = std::clamp<std::int64_t>(length, 0, size - from);
  return text.tempSubString(static_cast<std::int32_t>(from), static_cast<std::int32_t>(length));
}

// The two texts that an operator of flagd's compares; nothing unless there are exactly two.
std::optional<std::pair<std::string_view, std::string_view>> two_texts(Evaluation& evaluation,
                                                                       const Expression& expression,
                                                                       const Scope& scope) {
  const std::vector<Value> values = evaluation.operands(expression, scope);
  if (values.size() != 2) return std::nullopt;
  const auto* const one = std::get_if<std::string_view>(&values[0]);
  const auto* const other = std::get_if<std::string_view>(&values[1]);
  if (one == nullptr || other == nullptr) return std::nullopt;
  return std::pair(*one, *other);
}

bool is_release(const SemanticVersion& one, const SemanticVersion& other, bool with_minor) {
  return one.major == other.major && (!with_minor || one.minor == other.minor);
}

}  // namespace

Value concatenate(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  const std::vector<Value> values = evaluation.terms(expression, scope);
  std::string text;
  for (const Value& each : values)
    if (!is_null(each)) text += text_of(each);
  return evaluation.keep(std::move(text));
}

Value part_of_text(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  const std::vector<Value> values = evaluation.operands(expression, scope);
  const auto* const given =
      values.empty() ? nullptr : std::get_if<std::string_view>(&values.front());
  if (given == nullptr) return evaluation.fail();
  const auto text =
      icu::UnicodeString::fromUTF8({given->data(), static_cast<std::int32_t>(given->size())});
  constexpr std::int64_t kAll = std::numeric_limits<std::int32_t>::max();
  icu::UnicodeString part = substr(text, values.size() > 1 ? place_of(values[1]) : 0, kAll);
  if (values.size() > 2) {
    const std::int64_t length = place_of(values[2]);
    part = substr(part, 0, length < 0 ? part.length() + length : length);
  }
  std::string utf8;
  return evaluation.keep(part.toUTF8String(utf8));
}

Value contains(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  const std::vector<Value> values = evaluation.operands(expression, scope);
  const Value whole = values.size() > 1 ? values[1] : Value();
  if (!is_truthy(whole) && !is_object(whole)) return false;
  if (const auto* const text = std::get_if<std::string_view>(&whole))
    return text->find(text_of(values[0])) != text->npos;
  if (!is_list(whole)) return evaluation.fail();
  for (std::size_t i = 0; i < size_of(whole); ++i)
    if (is_same(item(whole, i), values[0])) return true;
  return false;
}

Value starts_with(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  const auto texts = two_texts(evaluation, expression, scope);
  if (!texts.has_value()) return {};
  return texts->first.starts_with(texts->second);
}

Value ends_with(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  const auto texts = two_texts(evaluation, expression, scope);
  if (!texts.has_value()) return {};
  return texts->first.ends_with(texts->second);
}

Value compare_versions(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  const std::vector<Value> values = evaluation.operands(expression, scope);
  if (values.size() != 3) return {};
  const auto one = parse_version(text_of(values[0]));
  const auto other = parse_version(text_of(values[2]));
  if (!one.has_value() || !other.has_value()) return {};
  const std::string relation = text_of(values[1]);
  const std::strong_ordering order = precedence(*one, *other);
  if (relation == "=") return order == 0;
  if (relation == "!=") return order != 0;
  if (relation == "<") return order < 0;
  if (relation == "<=") return order <= 0;
  if (relation == ">") return order > 0;
  if (relation == ">=") return order >= 0;
  if (relation == "^") return is_release(*one, *other, false);
  if (relation == "~") return is_release(*one, *other, true);
  return {};
}

}  // namespace readback::flags::targeting::operators
