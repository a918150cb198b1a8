#include "guard/evidence/count_bet.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "guard/evidence/log_sum.h"
#include "guard/evidence/odds_mixture.h"

namespace readback::guard {

std::optional<std::string> fault_of(const CountParameters& parameters) {
  if (!(parameters.null_odds >= 1 && parameters.null_odds <= 1e6))
    return "the null's odds are not in 1 to 1e6";
  if (!(parameters.level > 0 && parameters.level < 1)) return "the level is not in 0 to 1";
  return fault_of_odds(parameters.odds, parameters.weights, parameters.null_odds);
}

CountBet::CountBet(CountParameters parameters) : parameters_(std::move(parameters)) {
  assert(!fault_of(parameters_));
  log_capital_ = log_capital_of(parameters_.odds, parameters_.weights);
}

// The chances of all shares are a product of ratios of neighbours, of which the one that happened
// is set to 1: no factorial is ever taken, and the sum keeps its digits.
double log_fisher_share(std::uint64_t treated, std::uint64_t controls, std::uint64_t all_blank,
                        std::uint64_t blank, double odds) {
  const std::uint64_t least = all_blank > controls ? all_blank - controls : 0;
  const std::uint64_t most = std::min(treated, all_blank);
  assert(least <= blank && blank <= most);
  // How much likelier x + 1 is than x.
  const auto log_rise = [&](std::uint64_t x) {
    return std::log(
        static_cast<double>(treated - x) / static_cast<double>(x + 1) *
        (static_cast<double>(all_blank - x) / static_cast<double>(controls + x + 1 - all_blank)) *
        odds);
  };
  std::vector<double> logs{0};
  double log = 0;
  for (std::uint64_t x = blank; x < most; ++x) logs.push_back(log += log_rise(x));
  log = 0;
  for (std::uint64_t x = blank; x > least; --x) logs.push_back(log -= log_rise(x - 1));
  return -log_sum(logs);
}

bool CountBet::add_notes(std::uint64_t treated, std::uint64_t treated_blank, std::uint64_t controls,
                         std::uint64_t controls_blank) {
  if (treated_blank > treated || controls_blank > controls || treated_blank > kMostBlank ||
      controls_blank > kMostBlank)
    return false;
  const std::uint64_t all_blank = treated_blank + controls_blank;
  const auto log_chance = [&](double odds) {
    return log_fisher_share(treated, controls, all_blank, treated_blank, odds);
  };
  const double log_null = log_chance(parameters_.null_odds);
  for (std::size_t i = 0; i < log_capital_.size(); ++i)
    log_capital_[i] += log_chance(parameters_.odds[i]) - log_null;
  look();
  return true;
}

bool CountBet::add_exposures(double treated, std::uint64_t treated_blank, double controls,
                             std::uint64_t controls_blank) {
  const auto is_exposure = [](double exposure) { return exposure > 0 && exposure < 1e15; };
  if (!is_exposure(treated) || !is_exposure(controls) || treated_blank > kMostBlank ||
      controls_blank > kMostBlank)
    return false;
  const auto blank = static_cast<double>(treated_blank + controls_blank);
  const auto of_treated = static_cast<double>(treated_blank);
  const double null = parameters_.null_odds;
  for (std::size_t i = 0; i < log_capital_.size(); ++i) {
    const double odds = parameters_.odds[i];
    log_capital_[i] += of_treated * std::log(odds / null) -
                       blank * std::log((odds * treated + controls) / (null * treated + controls));
  }
  look();
  return true;
}

double CountBet::log_e() const {
  return log_sum(log_capital_);
}

double CountBet::log_limit() const {
  return -std::log(parameters_.level);
}

void CountBet::look() {
  is_crossed_ = is_crossed_ || reaches(log_e(), log_limit());
}

}  // namespace readback::guard
