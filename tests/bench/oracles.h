#pragma once

#include <cstdint>

// Tests that are told the rate of loss p beforehand, which no product is: what the goals are
// measured against.

namespace readback::bench {

// Wald 1945: stops when the likelihood ratio of p to p0 is at least 1/alpha.
class Sprt {
 public:
  Sprt(double p, double p0, double alpha);
  // `oks` oks and a failure. Whether it has stopped by now; only a failure can stop it.
  bool fails_after(std::uint64_t oks);

 private:
  double up_, down_, limit_;
  double log_ratio_ = 0;
};

// Page 1954: the same, never below 1, with the lowest threshold whose chance of stopping within
// `horizon` probes of rate p0 is at most alpha.
class Cusum {
 public:
  Cusum(double p, double p0, double alpha, std::uint64_t horizon);
  bool fails_after(std::uint64_t oks);
  double threshold() const { return threshold_; }

 private:
  // The chance that, after a failure that found the sum at 0, it reaches `threshold` before 0.
  double chance_of_an_excursion(double threshold) const;

  double p0_, up_, down_;
  double threshold_ = 0;
  double sum_ = 0;
};

}  // namespace readback::bench
