#include "guard/evidence/count_bet.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

namespace readback::guard {
namespace {

double choose(std::uint64_t n, std::uint64_t k) {
  double product = 1;
  for (std::uint64_t i = 1; i <= k; ++i)
    product *= static_cast<double>(n - k + i) / static_cast<double>(i);
  return product;
}

// By the definition, for few notes.
double fisher(std::uint64_t treated, std::uint64_t controls, std::uint64_t all, std::uint64_t blank,
              double odds) {
  double sum = 0, one = 0;
  for (std::uint64_t x = 0; x <= std::min(treated, all); ++x) {
    if (all - x > controls) continue;
    const double term =
        choose(treated, x) * choose(controls, all - x) * std::pow(odds, static_cast<double>(x));
    sum += term;
    if (x == blank) one = term;
  }
  return one / sum;
}

}  // namespace

TEST_SUITE("guard/evidence/count_bet") {
  TEST_CASE("Fisher's distribution is its definition") {
    for (const double odds : {1.0, 3.0, 1e6})
      for (std::uint64_t all = 0; all <= 12; ++all)
        for (std::uint64_t blank = all > 7 ? all - 7 : 0; blank <= std::min<std::uint64_t>(5, all);
             ++blank)
          CHECK(std::exp(log_fisher_share(5, 7, all, blank, odds)) ==
                doctest::Approx(fisher(5, 7, all, blank, odds)).epsilon(1e-12));
  }

  TEST_CASE("at the null's odds the mean over all shares is 1, and under them it is less") {
    const auto mean = [](double odds) {
      double sum = 0;
      for (std::uint64_t blank = 0; blank <= 6; ++blank) {
        CountBet bet({.odds = {4, 1e3}});
        REQUIRE(bet.add_notes(20, blank, 30, 6 - blank));
        sum += fisher(20, 30, 6, blank, odds) * std::exp(bet.log_e());
      }
      return sum;
    };
    CHECK(mean(3) == doctest::Approx(1).epsilon(1e-12));
    CHECK(mean(1) < 0.9);
    CHECK(mean(5) > 1);
  }

  TEST_CASE("exposures are a binomial") {
    CountBet bet({.null_odds = 1, .odds = {4}});
    REQUIRE(bet.add_exposures(10, 3, 30, 1));
    const double theta = 40.0 / 70, null = 10.0 / 40;
    CHECK(bet.log_e() ==
          doctest::Approx(3 * std::log(theta / null) + std::log((1 - theta) / (1 - null)))
              .epsilon(1e-12));
  }

  TEST_CASE("large counts keep their digits") {
    // With very many notes of each arm the two agree.
    CountBet notes({.null_odds = 1, .odds = {4}}), exposures({.null_odds = 1, .odds = {4}});
    REQUIRE(notes.add_notes(1'000'000'000'000, 40, 3'000'000'000'000, 60));
    REQUIRE(exposures.add_exposures(1, 40, 3, 60));
    CHECK(notes.log_e() == doctest::Approx(exposures.log_e()).epsilon(1e-8));
    CountBet many;
    CHECK(many.add_notes(200'000, 100'000, 200'000, 100'000));
    CHECK(std::isfinite(many.log_e()));
  }

  TEST_CASE("what does not fit is refused and changes nothing") {
    CountBet bet;
    CHECK_FALSE(bet.add_notes(5, 6, 5, 0));
    CHECK_FALSE(bet.add_notes(5, 0, 5, 6));
    CHECK_FALSE(bet.add_notes(10'000'000, 2'000'000, 5, 0));
    CHECK_FALSE(bet.add_exposures(0, 1, 1, 1));
    CHECK_FALSE(bet.add_exposures(1, 1, std::nan(""), 1));
    CHECK(bet.log_e() == doctest::Approx(0));
    CHECK(bet.add_notes(5, 0, 5, 0));
    CHECK(bet.log_e() == doctest::Approx(0));
    CHECK(fault_of(CountParameters{.null_odds = 0.5}));
    CHECK(fault_of(CountParameters{.odds = {2}}));
    CHECK_FALSE(fault_of(CountParameters{}));
  }
}

}  // namespace readback::guard
