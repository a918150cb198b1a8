#include "guard/foresight/forecast.h"

#include <doctest/doctest.h>

#include <cmath>

#include "guard/foresight/course.h"
#include "tests/simulation/notes_configuration.h"
#include "tests/simulation/partial.h"
#include "tests/simulation/seeds.h"

namespace readback::guard::foresight {
namespace {

using namespace std::chrono_literals;

Assumptions brief() {
  Assumptions assumed;
  assumed.longest = assumed.healthy = 1h;
  return assumed;
}

Forecast forecast_of(const Configuration& configuration, std::uint64_t rollouts,
                     unsigned threads = 1, std::uint64_t seed = 1) {
  return foresee(configuration, configuration.guarded.front(), brief(), {rollouts, seed, threads});
}

// Without the journey that shares a document.
Configuration without_document() {
  Configuration configuration = simulation::notes_configuration();
  configuration.guarded.front().plan.journeys.pop_back();
  return configuration;
}

const LossForecast& find(const Forecast& forecast, const std::string& name, Onset onset) {
  for (const LossForecast& loss : forecast.losses)
    if (loss.scenario.name == name && loss.onset == onset) return loss;
  throw std::out_of_range(name);
}

bool cannot_see(const Forecast& forecast, const std::string& words) {
  for (const Unseen& unseen : forecast.unseen)
    if ((unseen.loss + ": " + unseen.why).find(words) != std::string::npos) return true;
  return false;
}

// One field, one read: all of a write's evidence is one outcome.
void shorten(probes::Plan& plan) {
  plan.payload_classes = {"any"};
  plan.journeys.pop_back();
  std::erase_if(plan.fields, [](const probes::Field& field) { return field.name != "interview"; });
  auto& reads = plan.journeys.front().reads;
  std::erase_if(reads, [](const probes::Read& read) { return read.path != "record"; });
  reads.front().fields.erase("conclusion");
  reads.front().delays = {0ms};
}

// How often a harmless flag is reverted, on a platform that loses as much as it may, in one budget
// of evidence.
Proportion false_reverts(double alpha) {
  constexpr double kNoise = 0.005;
  constexpr std::uint64_t kRollouts = 1'500;
  Configuration configuration = simulation::notes_configuration();
  Guarded& guarded = configuration.guarded.front();
  shorten(guarded.plan);
  guarded.evidence.baseline_loss_rate = kNoise;
  guarded.evidence.false_revert_probability = alpha;
  guarded.evidence.horizon_probes = 1'000;
  // Blaming the platform would save it.
  guarded.evidence.on_platform_loss = EvidenceOptions::OnPlatformLoss::revert;
  const Setting setting(configuration, guarded, brief());
  const Rehearsal begun(setting, Random(1));
  std::uint64_t reverted = 0;
  for (std::uint64_t i = 0; i < kRollouts; ++i) {
    Rehearsal rehearsal = begun;
    rehearsal.go_on_with(Random(i), kNoise);
    while (!rehearsal.is_reverted() && rehearsal.state().harm.budget() == 1)
      rehearsal.run_until(rehearsal.now() + 1min);
    reverted += rehearsal.is_reverted() ? 1 : 0;
  }
  return proportion(reverted, kRollouts);
}

}  // namespace

TEST_SUITE("guard/foresight") {
  TEST_CASE("the same seed is the same forecast, on however many threads") {
    const Configuration configuration = simulation::notes_configuration();
    const nlohmann::json one = to_json(forecast_of(configuration, 20, 1));
    CHECK(one == to_json(forecast_of(configuration, 20, 3)));
    CHECK(one != to_json(forecast_of(configuration, 20, 3, 2)));
  }

  TEST_CASE("a total loss is paused and reverted within the bounds that are stated") {
    const Forecast forecast = forecast_of(simulation::notes_configuration(), 200);
    for (const Onset onset : {Onset::early, Onset::late}) {
      const LossForecast& loss = find(forecast, "total", onset);
      CHECK(loss.paused == 200);
      CHECK(loss.reverted == 200);
      CHECK(*loss.pause.p99 <= seconds(forecast.bounds.pause));
      CHECK(*loss.revert.p99 <= seconds(forecast.bounds.latch));
      CHECK(*loss.revert.median > *loss.pause.median);
    }
    for (const GuardDeathForecast& death : forecast.deaths) {
      CHECK(*death.held.p99 <= seconds(forecast.bounds.hard));
      CHECK(*death.held.median > 0);
    }
  }

  TEST_CASE("a total loss is paused as soon as by the guard that really runs") {
    std::vector<std::optional<double>> measured;
    for (const std::uint64_t seed : simulation::seeds(20))
      measured.push_back(
          seconds(simulation::partial_loss_delay(seed, "acknowledged-not-stored", 60s)));
    const Configuration configuration = simulation::notes_configuration();
    const Forecast forecast = forecast_of(configuration, 100);
    const double interval = seconds(configuration.guarded.front().plan.interval);
    const Spread& foreseen = find(forecast, "total", Onset::early).pause;
    CHECK(std::abs(*spread_of(measured).median - *foreseen.median) <= interval);
  }

  TEST_CASE("what is lost seldom goes on for longer, and puts more at risk") {
    const Forecast forecast = forecast_of(simulation::notes_configuration(), 100);
    const LossForecast& all = find(forecast, "total", Onset::late);
    const LossForecast& some = find(forecast, "one_in_a_hundred", Onset::late);
    CHECK(some.reverted == 100);
    CHECK(*some.pause.median > 5 * *all.pause.median);
    CHECK(*some.writes_at_risk.median > *all.writes_at_risk.median);
    CHECK(*find(forecast, "one_class", Onset::late).pause.median >= *all.pause.median);
    CHECK(*find(forecast, "interference", Onset::late).pause.median >= *all.pause.median);
    // Of all practitioners, and for no longer than the application commits.
    const double at_least = 1'000 * 6 * (*all.pause.median - 1) / 3'600;
    CHECK(*all.writes_at_risk.median > at_least);
  }

  TEST_CASE("a plan without the document's journey says that it cannot see it") {
    const Forecast whole = forecast_of(simulation::notes_configuration(), 2);
    CHECK_FALSE(cannot_see(whole, "no journey does anything but write and read"));
    CHECK(find(whole, "interference", Onset::early).reverted == 2);
    const Forecast shortened = forecast_of(without_document(), 2);
    CHECK(cannot_see(shortened, "no journey does anything but write and read"));
    CHECK_THROWS(find(shortened, "interference", Onset::early));
  }

  TEST_CASE("what a plan never reads, or tolerates, is told and not lost in vain") {
    Configuration configuration = simulation::notes_configuration();
    probes::Plan& plan = configuration.guarded.front().plan;
    for (probes::Field& field : plan.fields)
      if (field.name == "conclusion") field.tolerates.insert(probes::LossClass::field_missing);
    plan.payload_classes = {"any"};
    const Forecast forecast = forecast_of(configuration, 20);
    CHECK(cannot_see(forecast, "conclusion: field_missing: the plan tolerates it"));
    CHECK(cannot_see(forecast, "astral"));
    CHECK(cannot_see(forecast, "later than 8 s"));
    CHECK(find(forecast, "one_field", Onset::early).scenario.fields ==
          std::vector<std::string>{"interview"});
    CHECK(find(forecast, "total", Onset::early).paused == 20);
  }

  TEST_CASE("steps of a healthy rollout begin as its plan says") {
    const Forecast forecast = forecast_of(simulation::notes_configuration(), 20);
    REQUIRE(forecast.well.steps.size() == 3);
    CHECK(forecast.well.false_reverts.count == 0);
    double before = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      REQUIRE(forecast.well.steps[i].p99.has_value());
      CHECK(*forecast.well.steps[i].median > before);
      before = *forecast.well.steps[i].median;
    }
    const double least = seconds(forecast.bounds.steps[0].minimum_time) +
                         seconds(forecast.bounds.steps[1].minimum_time);
    const double stated =
        seconds(forecast.bounds.steps[0].at_least()) + seconds(forecast.bounds.steps[1].at_least());
    CHECK(before >= least);
    CHECK(before <= stated + 20);
  }

  TEST_CASE("false reverts stay under what is stated, and a rule with a tenth of it is seen") {
    constexpr double kAlpha = 0.01;
    const Proportion stated = false_reverts(kAlpha);
    CHECK(stated.least <= kAlpha);
    const Proportion broken = false_reverts(10 * kAlpha);
    CHECK(broken.least > kAlpha);
    MESSAGE("at " << kAlpha << ": " << stated.count << ", at ten times that: " << broken.count
                  << " of " << stated.of);
  }

  TEST_CASE("the application answers as often as is said") {
    const Configuration configuration = simulation::notes_configuration();
    const Forecast forecast = forecast_of(configuration, 2);
    // Every 3 s three members: two steps, four reads and a removal; the same with one step more.
    CHECK(forecast.load.steady == doctest::Approx(3 * (2 + 4 + 1 + 3 + 4 + 1) / 3.0));
    CHECK(forecast.load.repeating > forecast.load.steady);
  }
}

TEST_SUITE("guard/foresight/spread") {
  TEST_CASE("quantiles count what never happened as later than all") {
    std::vector<std::optional<double>> numbers;
    for (int i = 1; i <= 96; ++i) numbers.push_back(i);
    for (int i = 0; i < 4; ++i) numbers.push_back(std::nullopt);
    const Spread spread = spread_of(numbers);
    CHECK(spread.median == 50);
    CHECK(spread.p95 == 95);
    CHECK_FALSE(spread.p99.has_value());
  }

  TEST_CASE("an interval is Clopper's and Pearson's") {
    // Their own table: 0 of 10, and 3 of 10.
    CHECK(proportion(0, 10).least == 0);
    CHECK(proportion(0, 10).most == doctest::Approx(0.3085).epsilon(0.001));
    CHECK(proportion(3, 10).least == doctest::Approx(0.0667).epsilon(0.001));
    CHECK(proportion(3, 10).most == doctest::Approx(0.6525).epsilon(0.001));
    CHECK(proportion(10, 10).most == 1);
  }
}

TEST_SUITE("guard/foresight/loss") {
  TEST_CASE("gaps are those of independent chances") {
    Random random(7);
    Chances chances(0.1);
    int true_ones = 0;
    for (int i = 0; i < 100'000; ++i) true_ones += chances.next(random) ? 1 : 0;
    CHECK(true_ones == doctest::Approx(10'000).epsilon(0.04));
    Chances never(0), always(1);
    CHECK_FALSE(never.next(random));
    CHECK(always.next(random));
    CHECK(always.next(random));
  }
}

}  // namespace readback::guard::foresight
