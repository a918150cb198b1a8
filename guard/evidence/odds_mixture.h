#pragma once

#include <optional>
#include <string>
#include <vector>

// What the bets on odds have in common: a mixture over the odds psi by which the treated are
// likelier to be hit than the others.

namespace readback::guard {

// Why these can't be used, as one clause: each of the odds is over `null_odds`, to 1e12, and the
// weights are none or one each, positive.
std::optional<std::string> fault_of_odds(const std::vector<double>& odds,
                                         const std::vector<double>& weights, double null_odds);

// log of the capital 1 as it is shared out at the beginning; no weights: equally.
std::vector<double> log_capital_of(const std::vector<double>& odds,
                                   const std::vector<double>& weights);

}  // namespace readback::guard
