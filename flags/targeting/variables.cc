#include "flags/targeting/operators.h"

namespace readback::flags::targeting {

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool is_escaped = path[i] == '\\' && i + 1 < path.size() &&
                            (path[i + 1] == '.' || path[i + 1] == '\\' || path[i + 1] == '/');
    if (is_escaped) {
      parts.back() += path[++i];
    } else if (path[i] == '.') {
      parts.emplace_back();
    } else {
      parts.back() += path[i];
    }
  }
  return parts;
}

namespace operators {
namespace {

std::optional<Value> walk(Evaluation& evaluation, const Scope& scope,
                          const std::vector<std::string>& path) {
  // Asked for at each `fractional` by the book, so not made anew.
  if (scope.asked != nullptr && path.size() == 2 && path[0] == "$flagd") {
    if (path[1] == "flagKey") return scope.asked->flag_key;
    if (path[1] == "timestamp") return static_cast<double>(scope.asked->at.count());
  }
  std::optional<Value> value = evaluation.find(scope, path.front());
  for (std::size_t i = 1; value.has_value() && i < path.size(); ++i)
    value = property(*value, path[i]);
  return value;
}

// What there is at `name`; `otherwise` if that is nothing or null.
Value look_up(Evaluation& evaluation, const Scope& scope, const Value& name,
              const Value& otherwise) {
  const std::string path = is_null(name) ? "" : text_of(name);
  if (path.empty()) return evaluation.whole(scope);
  const Value found = walk(evaluation, scope, split_path(path)).value_or(Value());
  return is_null(found) ? otherwise : found;
}

// Those of `names` that the scope doesn't have. One that is null is there.
List missing_of(Evaluation& evaluation, const Scope& scope, const std::vector<Value>& names) {
  List list;
  for (const Value& name : names)
    if (!walk(evaluation, scope, split_path(text_of(name))).has_value()) list.items.push_back(name);
  return list;
}

}  // namespace

Value variable(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  const auto& operands = expression.operands;
  const Value otherwise = operands.size() > 1 ? evaluation.evaluate(operands[1], scope) : Value();
  if (expression.path.size() > 1 || (!expression.path.empty() && !expression.path[0].empty())) {
    const Value found = walk(evaluation, scope, expression.path).value_or(Value());
    return is_null(found) ? otherwise : found;
  }
  if (operands.empty()) return evaluation.whole(scope);
  const Value name = evaluation.evaluate(operands[0], scope);
  if (operands.size() > 1 || !is_list(name)) return look_up(evaluation, scope, name, otherwise);
  // A calculated list is the name and what to take if there is nothing.
  const std::size_t size = size_of(name);
  return look_up(evaluation, scope, size > 0 ? item(name, 0) : Value(),
                 size > 1 ? item(name, 1) : Value());
}

Value missing(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return evaluation.keep(missing_of(evaluation, scope, evaluation.operands(expression, scope)));
}

Value missing_some(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  const std::vector<Value> operands = evaluation.operands(expression, scope);
  if (operands.size() < 2 || !is_list(operands[1])) return evaluation.fail();
  const std::vector<Value> names = items_of(operands[1]);
  const List absent = missing_of(evaluation, scope, names);
  const double found = static_cast<double>(names.size() - absent.items.size());
  const std::optional<double> needed = number_of(operands[0]);
  return evaluation.keep(needed.has_value() && found >= *needed ? List() : absent);
}

}  // namespace operators
}  // namespace readback::flags::targeting
