#include "flags/targeting/evaluation.h"

#include <utility>

namespace readback::flags::targeting {

using Json = nlohmann::json;

namespace {

constexpr const char* kFlagd = "$flagd";

Json flagd_properties(const Asked& asked) {
  return {{"flagKey", asked.flag_key}, {"timestamp", asked.at.count()}};
}

bool is_written_list(const Expression& expression) {
  if (expression.calculate == nullptr) return is_list(expression.constant);
  return expression.calculate == &calculate_list;
}

}  // namespace

Value Evaluation::evaluate(const Expression& expression, const Scope& scope) {
  if (expression.calculate == nullptr) return expression.constant;
  if (has_failed_ || ++steps_ > kSteps) return fail();
  return expression.calculate(*this, expression, scope);
}

Value Evaluation::fail() {
  has_failed_ = true;
  return {};
}

Value Evaluation::keep(std::string text) {
  text_bytes_ += text.size();
  if (text_bytes_ > kTextBytes) return fail();
  return std::string_view(texts_.emplace_front(std::move(text)));
}

Value Evaluation::keep(List list) {
  steps_ += list.items.size();
  return &lists_.emplace_front(std::move(list));
}

Value Evaluation::keep(Json json) {
  return value_of(jsons_.emplace_front(std::move(json)));
}

Value Evaluation::whole(const Scope& scope) {
  if (scope.asked != nullptr) {
    if (!scope.asked->context.is_object()) return value_of(scope.asked->context);
    Json context = scope.asked->context;
    context[kFlagd] = flagd_properties(*scope.asked);
    return keep(std::move(context));
  }
  if (!scope.is_reduction) return scope.element;
  return keep(
      Json{{"accumulator", to_json(scope.accumulator)}, {"current", to_json(scope.element)}});
}

std::optional<Value> Evaluation::find(const Scope& scope, const std::string& name) {
  if (scope.asked != nullptr) {
    // It hides what the caller sent by that name.
    if (name == kFlagd) return keep(flagd_properties(*scope.asked));
    return property(&scope.asked->context, name);
  }
  if (!scope.is_reduction) return property(scope.element, name);
  if (name == "accumulator") return scope.accumulator;
  if (name == "current") return scope.element;
  return std::nullopt;
}

std::vector<Value> Evaluation::operands(const Expression& expression, const Scope& scope) {
  std::vector<Value> values;
  values.reserve(expression.operands.size());
  for (const Expression& each : expression.operands) values.push_back(evaluate(each, scope));
  if (expression.has_list || !is_list(values.front())) return values;
  return items_of(values.front());
}

std::vector<Value> Evaluation::terms(const Expression& expression, const Scope& scope) {
  std::vector<Value> values = operands(expression, scope);
  const bool is_one_list = expression.has_list && values.size() == 1 && is_list(values.front());
  if (!is_one_list || is_written_list(expression.operands.front())) return values;
  return items_of(values.front());
}

}  // namespace readback::flags::targeting
