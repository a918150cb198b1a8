#pragma once

#include <string>
#include <vector>

#include "flags/targeting/value.h"

// A rule, compiled: a tree whose inner nodes say by which function they are calculated.

namespace readback::flags::targeting {

class Evaluation;
struct Scope;
struct Expression;

using Calculate = Value (*)(Evaluation& evaluation, const Expression& expression,
                            const Scope& scope);

struct Expression {
  Calculate calculate = nullptr;  // null: it is `constant`
  Value constant;
  // The operands; or the items, if it is no operator but a list.
  std::vector<Expression> operands;
  // Whether the operands were written as a list: {"+": {"var": "x"}} adds up what x holds.
  bool has_list = false;
  // Of `var` with a constant name: its parts.
  std::vector<std::string> path;
};

// The function of an operator; null if there is none of that name.
Calculate find_operator(const std::string& name);

// The items of a list whose items are calculated.
Value calculate_list(Evaluation& evaluation, const Expression& expression, const Scope& scope);

// "a.b" is two parts; a backslash makes a dot one of the name.
std::vector<std::string> split_path(std::string_view path);

}  // namespace readback::flags::targeting
