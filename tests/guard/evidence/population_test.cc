#include "guard/evidence/population.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

namespace readback::guard {
namespace {

// `treated` and then `controls` practitioners, by number.
std::map<std::string, bool> cohort(unsigned treated, unsigned controls) {
  std::map<std::string, bool> result;
  for (unsigned i = 0; i < treated + controls; ++i) result[std::to_string(i)] = i < treated;
  return result;
}

FinishedNote note(unsigned who, std::uint64_t stored) {
  return {std::to_string(who), stored};
}

constexpr std::uint64_t kBlank = 0, kText = 200;

}  // namespace

TEST_SUITE("guard/evidence/population") {
  TEST_CASE("a few treated whose first notes are all blank are a loss, and no note of others is") {
    Population population({}, cohort(30, 2'000));
    for (unsigned who = 0; who < 3; ++who) {
      CHECK(population.finding() == PopulationFinding::none);
      population.take({note(who, kBlank), note(who, kBlank)});
    }
    CHECK(population.finding() == PopulationFinding::suspected);
    for (unsigned who = 3; who < 6; ++who)
      population.take({note(who, kBlank), note(who, kBlank), note(1'000 + who, kText)});
    CHECK(population.finding() == PopulationFinding::lost);
    CHECK(population.words().starts_with("blank or very short are 12 of 12 notes of treatment"));
    CHECK(population.words().find("0 of 3 notes of control") != std::string::npos);
  }

  TEST_CASE("where as many of the others write blank notes, nothing is found") {
    Population population({}, cohort(30, 2'000));
    std::mt19937 random(1);
    for (unsigned time = 0; time < 2'000; ++time) {
      const auto who = static_cast<unsigned>(random() % 2'030);
      const std::uint64_t stored = random() % 2 == 0 ? kBlank : kText;
      population.take({note(who, stored), note(who, stored)});
    }
    CHECK(population.finding() == PopulationFinding::none);
    CHECK(population.words().empty());
    CHECK(population.log_e_practitioners() < 3);
  }

  TEST_CASE("a finding only becomes worse, and after his last rule nobody is bet on again") {
    Population population({}, cohort(2, 20));
    for (unsigned time = 0; time < 500; ++time) population.take({note(0, kBlank)});
    // One struck practitioner proves nothing about a cohort; his notes pause at most.
    CHECK(population.finding() == PopulationFinding::none);
    const double before = population.log_e_practitioners();
    for (unsigned time = 0; time < 500; ++time) population.take({note(0, kText)});
    CHECK(population.log_e_practitioners() == before);
  }

  TEST_CASE("short is what holds no more than it says, or too little of what was submitted") {
    PopulationOptions options;
    options.short_at_most = 2;
    options.short_share = 0.5;
    Population population(options, cohort(1, 1));
    population.take(
        {note(0, 2), note(0, 3), {"0", 49, 100, 3}, {"0", 50, 100, 4}, {"1", 9, 9, {}}});
    CHECK(population.tally(true).notes == 4);
    CHECK(population.tally(true).short_notes == 2);
    CHECK(population.tally(true).saves == 7);
    CHECK(population.tally(true).notes_with_saves == 2);
    CHECK(population.tally(true).stored == 99);
    CHECK(population.tally(true).submitted == 200);
    CHECK(population.tally(false).notes == 1);
    CHECK(population.tally(false).submitted == 9);
  }

  TEST_CASE("whoever is not enrolled is left out, and a cohort of one arm finds nothing") {
    Population population({}, cohort(3, 0));
    CHECK(population.enrolled(true) == 3);
    for (unsigned who = 0; who < 9; ++who) population.take({note(who, kBlank), note(who, kBlank)});
    CHECK(population.tally(true).notes == 6);
    CHECK(population.finding() == PopulationFinding::none);
  }

  TEST_CASE("practitioners who differ are rarely paused for, and never reverted, without a fault") {
    // Half of all write nothing but blanks: counts of notes would be wrong here at odds of 1.
    unsigned paused = 0;
    for (unsigned seed = 0; seed < 300; ++seed) {
      std::mt19937 random(seed);
      std::vector<bool> writes_blanks;
      for (unsigned i = 0; i < 210; ++i) writes_blanks.push_back(random() % 2 == 0);
      Population population({}, cohort(10, 200));
      for (unsigned time = 0; time < 2'000; ++time) {
        const auto who = static_cast<unsigned>(random() % 210);
        population.take({note(who, writes_blanks[who] ? kBlank : kText)});
      }
      paused += population.finding() == PopulationFinding::suspected ? 1 : 0;
      CHECK(population.finding() != PopulationFinding::lost);
      CHECK(population.log_e_practitioners() < std::log(1e3));
    }
    CHECK(paused <= 3);
  }

  TEST_CASE("what can't be meant is refused") {
    const auto fault = [](auto change) {
      PopulationOptions options;
      change(options);
      return fault_of(options).has_value();
    };
    CHECK_FALSE(fault([](auto&) {}));
    CHECK(fault([](auto& o) { o.rules.clear(); }));
    CHECK(fault([](auto& o) { o.rules = {{3, 2}}; }));
    CHECK(fault([](auto& o) { o.rules = {{0, 2}}; }));
    CHECK(fault([](auto& o) { o.rules = {{1, 2'000}}; }));
    CHECK(fault([](auto& o) { o.revert_level = 0; }));
    CHECK(fault([](auto& o) { o.pause_level = 1; }));
    CHECK(fault([](auto& o) { o.revert_level = 0.01; }));
    CHECK(fault([](auto& o) { o.short_share = 1.5; }));
    CHECK(fault([](auto& o) { o.margin = 0.5; }));
  }
}

}  // namespace readback::guard
