#include "flags/targeting/operators.h"

namespace readback::flags::targeting::operators {
namespace {

// Whether each pair of neighbours `relates`; operands behind the first that doesn't are not looked
// at. Nothing of it if two can't be compared.
template <class Relates>
Value compare_all(Evaluation& evaluation, const Expression& expression, const Scope& scope,
                  Relates relates) {
  const auto& operands = expression.operands;
  if (!expression.has_list || operands.size() < 2) return evaluation.fail();
  Value before = evaluation.evaluate(operands.front(), scope);
  for (std::size_t i = 1; i < operands.size(); ++i) {
    const Value value = evaluation.evaluate(operands[i], scope);
    const std::optional<bool> is_related = relates(before, value);
    if (!is_related.has_value()) return evaluation.fail();
    if (!*is_related) return false;
    before = value;
  }
  return true;
}

// The same, by order.
template <class Holds>
Value compare_order(Evaluation& evaluation, const Expression& expression, const Scope& scope,
                    Holds holds) {
  return compare_all(evaluation, expression, scope,
                     [holds](const Value& one, const Value& other) -> std::optional<bool> {
                       const std::optional<Order> order = compare(one, other);
                       if (!order.has_value()) return std::nullopt;
                       return holds(*order);
                     });
}

}  // namespace

Value equal(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return compare_order(evaluation, expression, scope, [](const Order& of) { return of.is_equal; });
}

Value unequal(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return compare_order(evaluation, expression, scope, [](const Order& of) { return !of.is_equal; });
}

Value same(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return compare_all(evaluation, expression, scope, [](const Value& one, const Value& other) {
    return std::optional<bool>(is_same(one, other));
  });
}

Value different(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return compare_all(evaluation, expression, scope, [](const Value& one, const Value& other) {
    return std::optional<bool>(!is_same(one, other));
  });
}

Value less(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return compare_order(evaluation, expression, scope, [](const Order& of) { return of.order < 0; });
}

Value at_most(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return compare_order(evaluation, expression, scope,
                       [](const Order& of) { return of.order <= 0; });
}

Value more(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return compare_order(evaluation, expression, scope, [](const Order& of) { return of.order > 0; });
}

Value at_least(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return compare_order(evaluation, expression, scope,
                       [](const Order& of) { return of.order >= 0; });
}

}  // namespace readback::flags::targeting::operators
