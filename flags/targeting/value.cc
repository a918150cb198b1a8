#include "flags/targeting/value.h"

#include <unicode/unistr.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "flags/targeting/number_text.h"

namespace readback::flags::targeting {
namespace {

using Json = nlohmann::json;

const Json* as_json(const Value& value) {
  const auto* const json = std::get_if<const Json*>(&value);
  return json == nullptr ? nullptr : *json;
}

bool is_text_or_null(const Value& value) {
  return is_null(value) || std::holds_alternative<std::string_view>(value);
}

// Bytes order as code points do; UTF-16 puts those over U+FFFF before U+E000.
std::partial_ordering order_texts(std::string_view one, std::string_view other) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(one.begin(), one.end(), is_ascii) ||
      std::all_of(other.begin(), other.end(), is_ascii))
    return one <=> other;
  const auto as_utf16 = [](std::string_view text) {
    return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
  };
  return as_utf16(one).compare(as_utf16(other)) <=> 0;
}

Order compare_texts(const Value& one, const Value& other) {
  if (is_null(one) && is_null(other)) return {std::partial_ordering::equivalent, true};
  const auto* const first = std::get_if<std::string_view>(&one);
  const auto* const second = std::get_if<std::string_view>(&other);
  if (first != nullptr && second != nullptr)
    return {order_texts(*first, *second), *first == *second};
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  return {number_of(one).value_or(kNone) <=> number_of(other).value_or(kNone), false};
}

std::optional<std::size_t> index_of(const std::string& name) {
  std::size_t index = 0;
  const char* const end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data(), end, index);
  const bool is_padded = name.size() > 1 && name.front() == '0';
  if (error != std::errc() || stop != end || is_padded) return std::nullopt;
  return index;
}

std::string join(const Value& list) {
  std::string text;
  for (std::size_t i = 0; i < size_of(list); ++i) {
    if (i > 0) text += ',';
    const Value each = item(list, i);
    if (!is_null(each)) text += text_of(each);
  }
  return text;
}

}  // namespace

Value value_of(const Json& json) {
  switch (json.type()) {
    case Json::value_t::boolean:
      return json.get<bool>();
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
    case Json::value_t::number_float:
      return json.get<double>();
    case Json::value_t::string:
      return std::string_view(json.get_ref<const std::string&>());
    case Json::value_t::array:
    case Json::value_t::object:
      return &json;
    default:
      return std::monostate();
  }
}

Json to_json(const Value& value) {
  if (const auto* const truth = std::get_if<bool>(&value)) return *truth;
  if (const auto* const text = std::get_if<std::string_view>(&value)) return *text;
  if (const Json* const json = as_json(value)) return *json;
  if (const auto* const number = std::get_if<double>(&value)) {
    constexpr double kExact = 9'007'199'254'740'992.0;  // 2^53
    if (std::abs(*number) <= kExact && std::trunc(*number) == *number)
      return static_cast<std::int64_t>(*number);
    return *number;
  }
  if (!is_list(value)) return nullptr;
  Json list = Json::array();
  for (std::size_t i = 0; i < size_of(value); ++i) list.push_back(to_json(item(value, i)));
  return list;
}

bool is_null(const Value& value) {
  return std::holds_alternative<std::monostate>(value);
}

bool is_list(const Value& value) {
  if (std::holds_alternative<const List*>(value)) return true;
  const Json* const json = as_json(value);
  return json != nullptr && json->is_array();
}

bool is_object(const Value& value) {
  const Json* const json = as_json(value);
  return json != nullptr && json->is_object();
}

std::size_t size_of(const Value& list) {
  if (const auto* const made = std::get_if<const List*>(&list)) return (*made)->items.size();
  return std::get<const Json*>(list)->size();
}

Value item(const Value& list, std::size_t index) {
  if (const auto* const made = std::get_if<const List*>(&list)) return (*made)->items[index];
  return value_of((*std::get<const Json*>(list))[index]);
}

std::vector<Value> items_of(const Value& list) {
  std::vector<Value> items;
  items.reserve(size_of(list));
  for (std::size_t i = 0; i < size_of(list); ++i) items.push_back(item(list, i));
  return items;
}

std::optional<Value> property(const Value& value, const std::string& name) {
  if (is_list(value)) {
    const auto index = index_of(name);
    if (!index.has_value() || *index >= size_of(value)) return std::nullopt;
    return item(value, *index);
  }
  const Json* const json = as_json(value);
  if (json == nullptr) return std::nullopt;
  const auto found = json->find(name);
  if (found == json->end()) return std::nullopt;
  return value_of(*found);
}

bool is_truthy(const Value& value) {
  if (const auto* const truth = std::get_if<bool>(&value)) return *truth;
  if (const auto* const number = std::get_if<double>(&value))
    return *number != 0 && !std::isnan(*number);
  if (const auto* const text = std::get_if<std::string_view>(&value)) return !text->empty();
  if (is_null(value)) return false;
  return is_list(value) ? size_of(value) > 0 : !as_json(value)->empty();
}

std::optional<double> number_of(const Value& value) {
  if (is_null(value)) return 0;
  if (const auto* const truth = std::get_if<bool>(&value)) return *truth ? 1 : 0;
  if (const auto* const number = std::get_if<double>(&value)) return *number;
  if (const auto* const text = std::get_if<std::string_view>(&value)) return text_number(*text);
  return std::nullopt;
}

std::string text_of(const Value& value) {
  if (is_null(value)) return "null";
  if (const auto* const truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (const auto* const number = std::get_if<double>(&value)) return number_text(*number);
  if (const auto* const text = std::get_if<std::string_view>(&value)) return std::string(*text);
  return is_list(value) ? join(value) : "[object Object]";
}

bool is_same(const Value& one, const Value& other) {
  return one == other;
}

std::optional<Order> compare(const Value& one, const Value& other) {
  if (is_text_or_null(one) && is_text_or_null(other)) return compare_texts(one, other);
  const std::optional<double> first = number_of(one);
  const std::optional<double> second = number_of(other);
  if (!first.has_value() || !second.has_value()) return std::nullopt;
  return Order{*first <=> *second, *first == *second};
}

}  // namespace readback::flags::targeting
