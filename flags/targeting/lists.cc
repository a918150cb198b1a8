#include <algorithm>

#include "flags/targeting/operators.h"

namespace readback::flags::targeting::operators {
namespace {

// An operand that was left out is null.
const Expression& operand(const Expression& expression, std::size_t index) {
  static const Expression kNothing;
  return index < expression.operands.size() ? expression.operands[index] : kNothing;
}

// The items that are walked; nothing if the operand is no list. What counts as false has none.
std::optional<std::vector<Value>> walked(Evaluation& evaluation, const Expression& expression,
                                         const Scope& scope) {
  if (!expression.has_list) return std::nullopt;
  const Value value = evaluation.evaluate(operand(expression, 0), scope);
  if (is_list(value)) return items_of(value);
  if (is_truthy(value) || is_object(value)) return std::nullopt;
  return std::vector<Value>();
}

// The same for all, some and none, to which a text, a number and true have no items, as in flagd.
std::vector<Value> asked_about(Evaluation& evaluation, const Expression& expression,
                               const Scope& scope) {
  if (!expression.has_list) {
    evaluation.fail();
    return {};
  }
  const Value value = evaluation.evaluate(operand(expression, 0), scope);
  if (is_object(value) && is_truthy(value)) evaluation.fail();
  return is_list(value) ? items_of(value) : std::vector<Value>();
}

Scope element_scope(const Value& element) {
  return {nullptr, element, false, {}};
}

// Those of `items` of which the second operand is `wanted`, in order, until there are `enough`.
List select(Evaluation& evaluation, const Expression& expression, const std::vector<Value>& items,
            bool wanted, std::size_t enough = kSteps) {
  List selected;
  for (const Value& each : items) {
    if (evaluation.has_failed() || selected.items.size() == enough) break;
    const Value told = evaluation.evaluate(operand(expression, 1), element_scope(each));
    if (is_truthy(told) == wanted) selected.items.push_back(each);
  }
  return selected;
}

bool has_one(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  const std::vector<Value> items = asked_about(evaluation, expression, scope);
  return !select(evaluation, expression, items, true, 1).items.empty();
}

// reduce may gather a list of plain values, and nothing that is nested deeper.
bool is_flat(const Value& value) {
  if (is_object(value)) {
    const nlohmann::json& members = *std::get<const nlohmann::json*>(value);
    return std::none_of(members.begin(), members.end(),
                        [](const nlohmann::json& each) { return each.is_structured(); });
  }
  if (!is_list(value)) return true;
  const std::vector<Value> items = items_of(value);
  return std::none_of(items.begin(), items.end(),
                      [](const Value& each) { return is_list(each) || is_object(each); });
}

}  // namespace

Value merge(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  List merged;
  for (const Value& each : evaluation.operands(expression, scope)) {
    const std::vector<Value> items = is_list(each) ? items_of(each) : std::vector<Value>{each};
    merged.items.insert(merged.items.end(), items.begin(), items.end());
  }
  return evaluation.keep(std::move(merged));
}

Value map(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  const auto items = walked(evaluation, expression, scope);
  if (!items.has_value()) return evaluation.fail();
  List mapped;
  for (const Value& each : *items) {
    mapped.items.push_back(evaluation.evaluate(operand(expression, 1), element_scope(each)));
    if (evaluation.has_failed()) break;
  }
  return evaluation.keep(std::move(mapped));
}

Value filter(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  const auto items = walked(evaluation, expression, scope);
  if (!items.has_value()) return evaluation.fail();
  return evaluation.keep(select(evaluation, expression, *items, true));
}

Value reduce(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  if (expression.operands.size() < 2) return evaluation.fail();
  const auto items = walked(evaluation, expression, scope);
  const bool has_start = expression.operands.size() > 2;
  if (!items.has_value() || (!has_start && items->empty())) return evaluation.fail();
  Value sum = has_start ? evaluation.evaluate(expression.operands[2], scope) : items->front();
  if (has_start && !is_flat(sum)) return evaluation.fail();
  for (std::size_t i = has_start ? 0 : 1; i < items->size(); ++i) {
    sum = evaluation.evaluate(expression.operands[1], {nullptr, (*items)[i], true, sum});
    if (evaluation.has_failed() || !is_flat(sum)) return evaluation.fail();
  }
  return sum;
}

Value is_all(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  const std::vector<Value> items = asked_about(evaluation, expression, scope);
  return !items.empty() && select(evaluation, expression, items, false, 1).items.empty();
}

Value is_some(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return has_one(evaluation, expression, scope);
}

Value is_none(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return !has_one(evaluation, expression, scope);
}

}  // namespace readback::flags::targeting::operators
