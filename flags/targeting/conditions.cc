#include "flags/targeting/operators.h"

namespace readback::flags::targeting::operators {

Value choose(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  if (!expression.has_list) return evaluation.fail();
  const auto& operands = expression.operands;
  std::size_t at = 0;
  for (; at + 1 < operands.size(); at += 2) {
    const Value condition = evaluation.evaluate(operands[at], scope);
    if (evaluation.has_failed()) return {};
    if (is_truthy(condition)) return evaluation.evaluate(operands[at + 1], scope);
  }
  return at < operands.size() ? evaluation.evaluate(operands[at], scope) : Value();
}

namespace {

// The first operand that is `wanted`, else the last.
Value first_that_is(bool wanted, Evaluation& evaluation, const Expression& expression,
                    const Scope& scope) {
  if (!expression.has_list) return evaluation.fail();
  Value value;
  for (const Expression& each : expression.operands) {
    value = evaluation.evaluate(each, scope);
    if (is_truthy(value) == wanted) break;
  }
  return value;
}

bool holds(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  if (expression.operands.empty()) return false;
  return is_truthy(evaluation.evaluate(expression.operands.front(), scope));
}

}  // namespace

Value all_of(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return first_that_is(false, evaluation, expression, scope);
}

Value any_of(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return first_that_is(true, evaluation, expression, scope);
}

Value negate(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return !holds(evaluation, expression, scope);
}

Value truth(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return holds(evaluation, expression, scope);
}

}  // namespace readback::flags::targeting::operators
