#include "guard/foresight/spread.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <limits>

namespace readback::guard::foresight {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

}  // namespace

Spread spread_of(std::vector<std::optional<double>> numbers) {
  if (numbers.empty()) return {};
  std::sort(numbers.begin(), numbers.end(),
            [](const auto& a, const auto& b) { return a.value_or(kNever) < b.value_or(kNever); });
  const auto at = [&](double share) {
    const double rank = std::ceil(share * static_cast<double>(numbers.size()));
    return numbers[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
  };
  return {at(0.5), at(0.95), at(0.99)};
}

Proportion proportion(std::uint64_t count, std::uint64_t of) {
  using Binomial = boost::math::binomial_distribution<double>;
  constexpr double kEachSide = 0.025;
  Proportion found{count, of, 0, 1};
  if (of == 0) return found;
  const auto trials = static_cast<double>(of), successes = static_cast<double>(count);
  if (count > 0) found.least = Binomial::find_lower_bound_on_p(trials, successes, kEachSide);
  if (count < of) found.most = Binomial::find_upper_bound_on_p(trials, successes, kEachSide);
  return found;
}

}  // namespace readback::guard::foresight
