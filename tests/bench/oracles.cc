#include "tests/bench/oracles.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "guard/evidence/log_sum.h"

namespace readback::bench {

Sprt::Sprt(double p, double p0, double alpha)
    : up_(std::log(p / p0)), down_(std::log1p(-p) - std::log1p(-p0)), limit_(-std::log(alpha)) {}

bool Sprt::fails_after(std::uint64_t oks) {
  if (oks > 0) log_ratio_ += static_cast<double>(oks) * down_;
  log_ratio_ += up_;
  return guard::reaches(log_ratio_, limit_);
}

Cusum::Cusum(double p, double p0, double alpha, std::uint64_t horizon)
    : p0_(p0), up_(std::log(p / p0)), down_(std::log1p(-p) - std::log1p(-p0)) {
  // An excursion from 0 begins with a failure, so there are at most N p0 of them on average.
  const double excursions = static_cast<double>(horizon) * p0;
  double low = 0, high = 40 * up_;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (excursions * chance_of_an_excursion(middle) <= alpha ? high : low) = middle;
  }
  threshold_ = high;
}

// Exact recursion over the number of failures: chance[g] is that of so many failures by now, the
// last of them after g oks, with the sum always between 0 and the threshold.
double Cusum::chance_of_an_excursion(double threshold) const {
  if (up_ >= threshold) return 1;
  double crossed = 0;
  std::vector<double> chance{1};
  for (int failures = 1; failures < 60; ++failures) {
    const double fall = -down_;
    const auto alive = std::isinf(fall)
                           ? std::size_t{1}
                           : static_cast<std::size_t>(std::ceil(failures * up_ / fall));
    std::vector<double> next(alive, 0);
    double arriving = 0, left = 0;
    for (std::size_t g = 0; g < alive; ++g) {
      arriving = arriving * (1 - p0_) + (g < chance.size() ? chance[g] : 0);
      const double here = arriving * p0_;
      const double sum = (failures + 1) * up_ - (g > 0 ? static_cast<double>(g) * fall : 0);
      if (guard::reaches(sum, threshold)) {
        crossed += here;
      } else {
        next[g] = here;
        left += here;
      }
    }
    if (left < 1e-6 * crossed || left < 1e-30) break;
    chance = std::move(next);
  }
  return crossed;
}

bool Cusum::fails_after(std::uint64_t oks) {
  if (oks > 0) sum_ = std::max(0.0, sum_ + static_cast<double>(oks) * down_);
  sum_ += up_;
  return guard::reaches(sum_, threshold_);
}

}  // namespace readback::bench
