#include "guard/evidence/practitioner_bet.h"

#include <cassert>
#include <cmath>

#include "guard/evidence/log_sum.h"
#include "guard/evidence/odds_mixture.h"

namespace readback::guard {

std::optional<std::string> fault_of(const PractitionerParameters& parameters) {
  if (parameters.treated == 0 || parameters.controls == 0) return "an arm without practitioners";
  if (!(parameters.level > 0 && parameters.level < 1)) return "the level is not in 0 to 1";
  return fault_of_odds(parameters.odds, parameters.weights, 1);
}

PractitionerBet::PractitionerBet(PractitionerParameters parameters)
    : parameters_(std::move(parameters)),
      treated_(parameters_.treated),
      controls_(parameters_.controls) {
  assert(!fault_of(parameters_));
  log_capital_ = log_capital_of(parameters_.odds, parameters_.weights);
}

bool PractitionerBet::add(bool is_treated, bool is_all_blank) {
  std::uint64_t& to_come = is_treated ? treated_ : controls_;
  if (to_come == 0) return false;
  if (is_all_blank) {
    const auto treated = static_cast<double>(treated_), controls = static_cast<double>(controls_);
    for (std::size_t i = 0; i < log_capital_.size(); ++i) {
      const double odds = parameters_.odds[i];
      // th / pi, or (1 - th) / (1 - pi), without what cancels.
      log_capital_[i] +=
          std::log((is_treated ? odds : 1) * (treated + controls) / (odds * treated + controls));
    }
  }
  --to_come;
  is_crossed_ = is_crossed_ || reaches(log_e(), log_limit());
  return true;
}

double PractitionerBet::log_e() const {
  return log_sum(log_capital_);
}

double PractitionerBet::log_limit() const {
  return -std::log(parameters_.level);
}

}  // namespace readback::guard
