#include <cmath>

#include "flags/targeting/operators.h"

namespace readback::flags::targeting::operators {
namespace {

Value result(Evaluation& evaluation, double number) {
  if (std::isnan(number)) return evaluation.fail();
  return number;
}

// The numbers that `values` are; fails at the first that is none.
std::optional<std::vector<double>> numbers_of(Evaluation& evaluation,
                                              const std::vector<Value>& values) {
  std::vector<double> numbers;
  numbers.reserve(values.size());
  for (const Value& each : values) {
    const std::optional<double> number = number_of(each);
    if (!number.has_value()) {
      evaluation.fail();
      return std::nullopt;
    }
    numbers.push_back(*number);
  }
  return numbers;
}

template <class Combine>
Value fold(Evaluation& evaluation, const std::vector<Value>& values, Combine combine) {
  const auto numbers = numbers_of(evaluation, values);
  if (!numbers.has_value() || numbers->empty()) return evaluation.fail();
  double number = numbers->front();
  for (std::size_t i = 1; i < numbers->size(); ++i) number = combine(number, (*numbers)[i]);
  return result(evaluation, number);
}

// min and max take numbers only, and no text for one.
template <class Better>
Value best(Evaluation& evaluation, const std::vector<Value>& values, Better is_better) {
  std::optional<double> found;
  for (const Value& each : values) {
    const double* const number = std::get_if<double>(&each);
    if (number == nullptr) return evaluation.fail();
    if (!found.has_value() || is_better(*number, *found)) found = *number;
  }
  if (!found.has_value()) return evaluation.fail();
  return *found;
}

}  // namespace

Value add(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  std::vector<Value> values = evaluation.terms(expression, scope);
  values.insert(values.begin(), 0.0);
  return fold(evaluation, values, [](double one, double other) { return one + other; });
}

Value subtract(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  std::vector<Value> values = evaluation.terms(expression, scope);
  if (values.size() == 1) values.insert(values.begin(), 0.0);
  return fold(evaluation, values, [](double one, double other) { return one - other; });
}

Value multiply(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  std::vector<Value> values = evaluation.operands(expression, scope);
  values.insert(values.begin(), 1.0);
  return fold(evaluation, values, [](double one, double other) { return one * other; });
}

Value divide(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  std::vector<Value> values = evaluation.operands(expression, scope);
  if (values.size() == 1) values.insert(values.begin(), 1.0);
  for (std::size_t i = 1; i < values.size(); ++i)
    if (number_of(values[i]).value_or(0) == 0) return evaluation.fail();
  return fold(evaluation, values, [](double one, double other) { return one / other; });
}

Value remainder(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  const std::vector<Value> values = evaluation.operands(expression, scope);
  if (values.size() < 2) return evaluation.fail();
  return fold(evaluation, values, [](double one, double other) { return std::fmod(one, other); });
}

Value smallest(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return best(evaluation, evaluation.operands(expression, scope),
              [](double one, double other) { return one < other; });
}

Value largest(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return best(evaluation, evaluation.operands(expression, scope),
              [](double one, double other) { return one > other; });
}

}  // namespace readback::flags::targeting::operators
