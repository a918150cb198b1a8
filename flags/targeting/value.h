#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// What a rule is evaluated with: a view of JSON, and JavaScript's ideas of it, by which JsonLogic
// is defined. Texts, lists and objects are borrowed: from the rule, the context or the evaluation,
// all of which outlive it.
//
// Pure; safe from any thread.

namespace readback::flags::targeting {

struct List;
// Nothing is null. A number is a double, as in JavaScript, whichever way JSON wrote it.
using Value = std::variant<std::monostate, bool, double, std::string_view, const nlohmann::json*,
                           const List*>;
// A list that an evaluation made.
struct List {
  std::vector<Value> items;
};

Value value_of(const nlohmann::json& json);
nlohmann::json to_json(const Value& value);

bool is_null(const Value& value);
bool is_list(const Value& value);
bool is_object(const Value& value);

// Of lists only; `index` below the size.
std::size_t size_of(const Value& list);
Value item(const Value& list, std::size_t index);
std::vector<Value> items_of(const Value& list);

// The member of an object, or the item of a list, that is called so. Nothing if there is none,
// which is not the same as one that is null.
std::optional<Value> property(const Value& value, const std::string& name);

// False: null, false, 0, NaN, and what is empty (text, list, object).
bool is_truthy(const Value& value);

// Null is 0, true 1, a text what it reads as (number_text.h). Nothing for a list, an object and a
// text that is no number.
std::optional<double> number_of(const Value& value);

// As JavaScript's String(): null is "null", a list its items with commas between.
std::string text_of(const Value& value);

// `===`: lists and objects equal themselves only.
bool is_same(const Value& one, const Value& other);

// How `one` stands to `other` for ==, < and their like. Texts by their UTF-16 units; a text and
// null are never equal; everything else as numbers, unordered with what reads as none. Nothing if
// the two can't be compared: one is a list, an object or a text that is no number, and the other is
// no text and not null.
struct Order {
  std::partial_ordering order = std::partial_ordering::unordered;
  bool is_equal = false;  // what == says, which null and "" are not
};
std::optional<Order> compare(const Value& one, const Value& other);

}  // namespace readback::flags::targeting
