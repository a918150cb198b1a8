#include "tests/bench/measure.h"

#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <numeric>

namespace readback::bench {
namespace {

using Binomial = boost::math::binomial_distribution<double>;

double mean(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

}  // namespace

double uniform(std::mt19937_64& random) {
  return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53;
}

std::uint64_t Gaps::next() {
  if (p_ >= 1) return 0;
  return static_cast<std::uint64_t>(std::log(uniform(random_)) / std::log1p(-p_));
}

void Ratio::add(double measured, double reference) {
  measured_.push_back(measured);
  reference_.push_back(reference);
}

double Ratio::measured() const {
  return mean(measured_);
}
double Ratio::reference() const {
  return mean(reference_);
}
double Ratio::ratio() const {
  return measured() / reference();
}

double Ratio::upper99() const {
  const double ratio = this->ratio();
  double squares = 0;
  for (std::size_t i = 0; i < measured_.size(); ++i) {
    const double rest = measured_[i] - ratio * reference_[i];
    squares += rest * rest;
  }
  const auto count = static_cast<double>(measured_.size());
  return ratio + kNormal99 * std::sqrt(squares / (count * (count - 1))) / reference();
}

double upper99_of_chance(std::uint64_t hits, std::uint64_t trials) {
  return Binomial::find_upper_bound_on_p(static_cast<double>(trials), static_cast<double>(hits),
                                         0.01);
}

double lower99_of_chance(std::uint64_t hits, std::uint64_t trials) {
  return Binomial::find_lower_bound_on_p(static_cast<double>(trials), static_cast<double>(hits),
                                         0.01);
}

}  // namespace readback::bench
