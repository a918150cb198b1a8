#include "guard/evidence/upper_bound.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

namespace readback::guard {
namespace {

// The chance that a true rate `rate` is ever refuted within `probes`, by all sequences: of each
// number of probes so far only the number of failures matters.
double chance_of_refuting(double rate, unsigned probes) {
  std::vector<double> alive{1};
  double refuted = 0;
  for (unsigned n = 1; n <= probes; ++n) {
    std::vector<double> next(n + 1, 0);
    for (unsigned k = 0; k < n; ++k) {
      next[k] += alive[k] * (1 - rate);
      next[k + 1] += alive[k] * rate;
    }
    for (unsigned k = 0; k <= n; ++k)
      if (is_under(rate, n, k)) {
        refuted += next[k];
        next[k] = 0;
      }
    alive = std::move(next);
  }
  return refuted;
}

}  // namespace

TEST_SUITE("guard/evidence/upper_bound") {
  TEST_CASE("how many probes a rate takes") {
    CHECK(probes_needed(0.01) <= 309);
    CHECK(probes_needed(0.01) > 300);
    CHECK(probes_needed(0.001) <= 3'100);
    CHECK(probes_needed(0.001) > 3'000);
    for (const std::uint64_t failed : {0U, 1U, 3U}) {
      const std::uint64_t needed = probes_needed(0.01, failed);
      CHECK(upper_bound(needed, failed) <= 0.01);
      CHECK(upper_bound(needed - 1, failed) > 0.01);
    }
    CHECK(probes_needed(0.01, 1) > probes_needed(0.01) + 100);
  }

  TEST_CASE("the bound is where the bet is 1/delta") {
    for (const std::uint64_t failed : {0U, 2U}) {
      const double u = upper_bound(1'000, failed);
      CHECK(log_e_against_rate(u, 1'000, failed) == doctest::Approx(std::log(20)).epsilon(1e-9));
      CHECK(is_under(u * 1.001, 1'000, failed));
      CHECK_FALSE(is_under(u * 0.999, 1'000, failed));
    }
  }

  TEST_CASE("what proves nothing bounds nothing") {
    CHECK(upper_bound(0, 0) == 1);
    CHECK(upper_bound(7, 7) == 1);
    CHECK_FALSE(is_under(1, 0, 0));
    CHECK_FALSE(is_under(0.5, 0, 0));
    CHECK(upper_bound(1, 0) <= 1);
    CHECK(upper_bound(1, 0) > 0.9);
  }

  TEST_CASE("a true rate is ever refuted with a chance of at most delta") {
    for (const double rate : {0.01, 0.1, 0.5}) {
      CAPTURE(rate);
      const double chance = chance_of_refuting(rate, 600);
      CHECK(chance <= 0.05);
      CHECK(chance > 0.01);  // and the bound is no idle one
    }
  }

  TEST_CASE("it falls with every ok and rises with every failure") {
    for (std::uint64_t n = 1; n < 200; n += 13) {
      CHECK(upper_bound(n + 1, 0) < upper_bound(n, 0));
      CHECK(upper_bound(n + 1, 1) >= upper_bound(n, 0));
    }
  }
}

}  // namespace readback::guard
