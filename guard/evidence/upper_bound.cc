#include "guard/evidence/upper_bound.h"

#include <cassert>
#include <cmath>

#include "guard/evidence/log_sum.h"

namespace readback::guard {

std::optional<std::string> fault_of(const UpperBoundParameters& parameters) {
  if (!(parameters.delta > 0 && parameters.delta < 1)) return "delta is not between 0 and 1";
  if (parameters.ratios.empty() || parameters.ratios.size() != parameters.weights.size())
    return "not as many weights as ratios";
  double sum = 0;
  for (std::size_t i = 0; i < parameters.ratios.size(); ++i) {
    if (!(parameters.ratios[i] >= 0 && parameters.ratios[i] < 1)) return "a ratio is not in 0 to 1";
    if (!(parameters.weights[i] > 0)) return "a weight is not positive";
    sum += parameters.weights[i];
  }
  if (sum > 1 + 1e-12) return "the weights are more than 1";
  return std::nullopt;
}

double log_e_against_rate(double rate, std::uint64_t probes, std::uint64_t failed,
                          const UpperBoundParameters& parameters) {
  assert(failed <= probes && rate >= 0 && rate < 1);
  std::vector<double> logs;
  for (std::size_t i = 0; i < parameters.ratios.size(); ++i) {
    const double ratio = parameters.ratios[i];
    double log = std::log(parameters.weights[i]);
    if (failed > 0) log += static_cast<double>(failed) * std::log(ratio);
    log += static_cast<double>(probes - failed) * (std::log1p(-ratio * rate) - std::log1p(-rate));
    logs.push_back(log);
  }
  return log_sum(logs);
}

bool is_under(double rate, std::uint64_t probes, std::uint64_t failed,
              const UpperBoundParameters& parameters) {
  if (rate >= 1) return upper_bound(probes, failed, parameters) < 1;
  return reaches(log_e_against_rate(rate, probes, failed, parameters), -std::log(parameters.delta));
}

double upper_bound(std::uint64_t probes, std::uint64_t failed,
                   const UpperBoundParameters& parameters) {
  double not_refuted = 0, refuted = 1;
  if (failed == probes) return 1;
  for (int i = 0; i < 2'000; ++i) {
    const double middle = not_refuted + (refuted - not_refuted) / 2;
    if (middle <= not_refuted || middle >= refuted) break;
    (is_under(middle, probes, failed, parameters) ? refuted : not_refuted) = middle;
  }
  return refuted;
}

std::uint64_t probes_needed(double rate, std::uint64_t failed,
                            const UpperBoundParameters& parameters) {
  assert(rate > 0 && rate < 1);
  std::uint64_t too_few = failed, enough = failed + 1;
  while (!is_under(rate, enough, failed, parameters)) {
    too_few = enough;
    enough *= 2;
  }
  while (too_few + 1 < enough) {
    const std::uint64_t middle = too_few + (enough - too_few) / 2;
    (is_under(rate, middle, failed, parameters) ? enough : too_few) = middle;
  }
  return enough;
}

}  // namespace readback::guard
