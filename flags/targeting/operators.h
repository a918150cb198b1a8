#pragma once

#include "flags/targeting/evaluation.h"

// The operators, each a function that calculates one. Which operands are evaluated at all is part
// of what an operator means: `if` evaluates one branch.

namespace readback::flags::targeting::operators {

using Operator = Value(Evaluation&, const Expression&, const Scope&);

// conditions.cc
Operator choose, all_of, any_of, negate, truth;
// comparisons.cc
Operator equal, unequal, same, different, less, at_most, more, at_least;
// arithmetic.cc
Operator add, subtract, multiply, divide, remainder, smallest, largest;
// texts.cc
Operator concatenate, part_of_text, contains, starts_with, ends_with, compare_versions;
// lists.cc
Operator merge, map, filter, reduce, is_all, is_some, is_none;
// variables.cc
Operator variable, missing, missing_some;
// fractional.cc: flagd.dev/reference/custom-operations/fractional-operation, version 2
Operator fractional;

}  // namespace readback::flags::targeting::operators
