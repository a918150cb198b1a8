#include "guard/evidence/mixture_terms.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace readback::guard {

bool is_noisy(double p0) {
  return p0 >= 5e-5;
}

Spending default_spending(double p0, std::uint64_t horizon) {
  if (!is_noisy(p0)) return {.horizon = horizon};
  return {.at_start = 0.5, .step_ratio = 0.25, .evenly = 1.0 / 3, .horizon = horizon};
}

void set_default_grid(MixtureParameters& parameters) {
  constexpr int kBelow = 8;
  const double p0 = parameters.p0;
  const int above = is_noisy(p0) ? 24 : 16;
  const double from = is_noisy(p0) ? 3 * p0 : 1e-3, lowest = 1.5 * p0;
  parameters.grid.clear();
  parameters.weights.clear();
  for (int i = 0; i < kBelow; ++i) {
    parameters.grid.push_back(lowest * std::pow(from / lowest, static_cast<double>(i) / kBelow));
    parameters.weights.push_back(0.02 / kBelow);
  }
  double sum = 0;
  for (int i = 0; i < above; ++i) {
    const double p = std::pow(from, static_cast<double>(above - 1 - i) / (above - 1));
    parameters.grid.push_back(p);
    parameters.weights.push_back(is_noisy(p0) ? std::pow(p, -0.2) : 1);
    sum += parameters.weights.back();
  }
  for (std::size_t i = kBelow; i < parameters.weights.size(); ++i)
    parameters.weights[i] *= 0.98 / sum;
}

std::optional<std::string> fault_of(const MixtureParameters& parameters) {
  const Spending& spending = parameters.spending;
  if (!(parameters.p0 >= 1e-12 && parameters.p0 <= 0.1)) return "p0 is not in 1e-12 to 0.1";
  if (parameters.grid.size() > 1'000) return "a grid of more than 1000 rates";
  for (const double p : parameters.grid)
    if (!(p > parameters.p0 && p <= 1)) return "a rate of the grid is not over p0, to 1";
  if (!parameters.weights.empty() && parameters.weights.size() != parameters.grid.size())
    return "not as many weights as rates";
  for (const double weight : parameters.weights)
    if (!(weight > 0 && weight <= 1e12)) return "a weight is not positive";
  if (!(spending.at_start >= 0 && spending.evenly >= 0 && spending.step_ratio >= 0 &&
        spending.step_ratio < 1))
    return "a part of the spending is negative, or the ratio of steps not under 1";
  if (spending.at_start / (1 - spending.step_ratio) + spending.evenly > 1 + 1e-12)
    return "more than the whole capital is spent";
  if (spending.horizon == 0) return "the horizon is 0";
  return std::nullopt;
}

MixtureTerms::MixtureTerms(MixtureParameters parameters) : parameters_(std::move(parameters)) {
  if (parameters_.grid.empty()) set_default_grid(parameters_);
  if (parameters_.weights.empty()) parameters_.weights.assign(parameters_.grid.size(), 1);
  assert(!fault_of(parameters_));
  double sum = 0;
  for (const double weight : parameters_.weights) sum += weight;
  const double p0 = parameters_.p0;
  for (std::size_t i = 0; i < parameters_.grid.size(); ++i) {
    const double p = parameters_.grid[i];
    points_.push_back({.weight = parameters_.weights[i] / sum,
                       .up = p / p0,
                       .down = (1 - p) / (1 - p0),
                       .gap = (p - p0) / (1 - p0),
                       .log_weight = std::log(parameters_.weights[i] / sum),
                       .log_up = std::log(p / p0),
                       .log_down = std::log1p(-p) - std::log1p(-p0),
                       .log_gap = std::log((p - p0) / (1 - p0))});
  }
  even_ = parameters_.spending.evenly / static_cast<double>(parameters_.spending.horizon);
  log_even_ = std::log(even_);
}

}  // namespace readback::guard
