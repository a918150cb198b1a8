#include "guard/evidence/practitioner_bet.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

namespace readback::guard {
namespace {

// The mean of the capital over all cohorts, by who completes when; `blank` says who loses.
double mean(const PractitionerBet& bet, const std::string& blank) {
  if (blank.empty()) return std::exp(bet.log_e());
  const double treated = static_cast<double>(bet.treated_to_come()),
               controls = static_cast<double>(bet.controls_to_come());
  double sum = 0;
  for (const bool is_treated : {true, false}) {
    PractitionerBet next = bet;
    if (next.add(is_treated, blank.front() == 'b'))
      sum += (is_treated ? treated : controls) / (treated + controls) * mean(next, blank.substr(1));
  }
  return sum;
}

}  // namespace

TEST_SUITE("guard/evidence/practitioner_bet") {
  TEST_CASE("over all random cohorts the mean is 1, whoever loses") {
    for (const char* blank : {"", "bbbbbbbb", "........", "b.b..bb.", "bbb.....", ".......b"})
      CHECK(mean(PractitionerBet({.treated = 3, .controls = 5}), blank) ==
            doctest::Approx(1).epsilon(1e-12));
  }

  TEST_CASE("a small cohort that loses everything is found out by its second practitioner") {
    PractitionerBet bet({.treated = 13, .controls = 987});
    CHECK(bet.add(true, true));
    CHECK(bet.log_e() < std::log(1'000.0 / 13));
    CHECK_FALSE(bet.crosses());
    CHECK(bet.add(false, false));
    CHECK(bet.add(true, true));
    CHECK(bet.crosses());
  }

  TEST_CASE("nobody completes twice") {
    PractitionerBet bet({.treated = 1, .controls = 1});
    CHECK(bet.add(true, true));
    CHECK_FALSE(bet.add(true, true));
    CHECK(bet.add(false, true));  // the last one: his arm is known, and worth nothing
    CHECK_FALSE(bet.add(false, false));
  }

  TEST_CASE("what can't be meant is refused") {
    CHECK_FALSE(fault_of(PractitionerParameters{.treated = 1, .controls = 1}));
    CHECK(fault_of(PractitionerParameters{.treated = 0, .controls = 1}));
    CHECK(fault_of(PractitionerParameters{.treated = 1, .controls = 1, .odds = {0.5}}));
    CHECK(fault_of(PractitionerParameters{.treated = 1, .controls = 1, .level = 2}));
  }
}

}  // namespace readback::guard
