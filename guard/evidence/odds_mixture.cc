#include "guard/evidence/odds_mixture.h"

#include <cmath>
#include <numeric>

namespace readback::guard {

std::optional<std::string> fault_of_odds(const std::vector<double>& odds,
                                         const std::vector<double>& weights, double null_odds) {
  if (odds.empty() || odds.size() > 1'000) return "not 1 to 1000 odds";
  for (const double one : odds)
    if (!(one > null_odds && one <= 1e12)) return "odds that are not over the null's, to 1e12";
  if (!weights.empty() && weights.size() != odds.size()) return "not as many weights as odds";
  for (const double weight : weights)
    if (!(weight > 0 && weight <= 1e12)) return "a weight is not positive";
  return std::nullopt;
}

std::vector<double> log_capital_of(const std::vector<double>& odds,
                                   const std::vector<double>& weights) {
  if (weights.empty())
    return std::vector<double>(odds.size(), -std::log(static_cast<double>(odds.size())));
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<double> logs;
  for (const double weight : weights) logs.push_back(std::log(weight / sum));
  return logs;
}

}  // namespace readback::guard
