#include "guard/bounds.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace readback::guard {
using namespace std::chrono_literals;
namespace {

// A round of 6 s: write 2 s, settle 0.5 s, read deadline 2 s and its time-out 0.5 s, confirm 1 s.
probes::Plan plan() {
  probes::Plan plan;
  plan.target.time_out = 500ms;
  plan.interval = 10s;
  plan.jitter = 0.2;
  plan.settle = 500ms;
  plan.write_time_out = 2s;
  plan.confirm.within = 1s;
  probes::Journey journey;
  probes::Step write;
  write.writes = {"interview"};
  journey.steps = {write};
  probes::Read read;
  read.delays = {0s, 1h};
  read.deadline = 2s;
  journey.reads = {read};
  plan.journeys = {journey};
  return plan;
}

flags::Rollout rollout(std::chrono::milliseconds max_evidence_age) {
  flags::Rollout rollout;
  rollout.steps = {{flags::Share{13'000}, 10min, 7}, {flags::kEverybody, 24h, 100}};
  rollout.bake = 48h;
  rollout.max_evidence_age = max_evidence_age;
  return rollout;
}

// L 5, V 1, A 0, I 5, s 1.
constexpr Delays kDelays{5s, 1s, 0s, 5s, 1s};

}  // namespace

TEST_SUITE("guard/bounds") {
  TEST_CASE("the worked example: P 10 s, j 0.2, R 6 s, k 2, L 5, V 1, A 0, I 5, M 45, s 1") {
    const Bounds bounds = derive_bounds(rollout(45s), plan(), kDelays);
    CHECK(bounds.gap == 12s);
    CHECK(bounds.round == 6s);
    CHECK(bounds.minimum_max_evidence_age == 42s);
    CHECK(bounds.pause == 29s);
    CHECK(bounds.latch == 35s);
    CHECK(bounds.hard == 51s);
    CHECK(bounds.lost_rounds == 2);
    CHECK(bounds.longest_delay == 1h);
    CHECK(bounds.delayed == 1h + 12s + 6s + 6s);
  }

  TEST_CASE("a lease must outlive three gaps and a round") {
    CHECK(derive_bounds(rollout(42s), plan(), kDelays).holds());
    CHECK_FALSE(derive_bounds(rollout(42s - 1ms), plan(), kDelays).holds());
    CHECK(derive_bounds(rollout(10s), plan(), kDelays).lost_rounds == 0);
  }

  TEST_CASE("a step lasts as long as its time and its evidence") {
    const Bounds bounds = derive_bounds(rollout(45s), plan(), kDelays);
    REQUIRE(bounds.steps.size() == 2);
    CHECK(bounds.steps[0].evidence_time == 6 * 10s + 1h + 6s);
    CHECK(bounds.steps[0].at_least() == 1h + 66s);
    CHECK(bounds.steps[1].at_least() == 24h);
    CHECK(bounds.rollout == 1h + 66s + 24h + 48h);
  }

  TEST_CASE("a step takes as many probes as bound its loss, and each payload class its own") {
    probes::Plan two = plan();
    two.payload_classes = {"plain", "astral"};
    EvidenceNeeds needs;
    needs.probes = 50;
    CHECK(derive_bounds(rollout(45s), two, kDelays, needs).steps[0].evidence_time ==
          49 * 10s + 1h + 6s);
    needs.probes_of_class = 30;
    CHECK(derive_bounds(rollout(45s), two, kDelays, needs).steps[0].evidence_time ==
          59 * 10s + 1h + 6s);
  }

  TEST_CASE("what the defaults need: two losses, three after a healthy past, 305 probes a step") {
    const EvidenceNeeds needs = needs_of({});
    CHECK(needs.failures_to_revert == 2);
    CHECK(needs.failures_to_revert_later <= 3);
    CHECK(needs.probes == 305);
    CHECK(needs.probes_of_class == 14);
    EvidenceOptions options;
    options.max_class_loss_rate = 1;
    options.baseline_loss_rate = 1e-3;
    CHECK(needs_of(options).probes_of_class == 0);
    CHECK(needs_of(options).failures_to_revert > needs.failures_to_revert);
  }

  TEST_CASE("people and programs are told the same") {
    const Bounds bounds = derive_bounds(rollout(45s), plan(), kDelays);
    const std::string text = to_text(bounds);
    CHECK(text.find("at most 29 s\n") != std::string::npos);
    CHECK(text.find("45 s (at least 3 x gap + R = 42 s)\n") != std::string::npos);
    CHECK(text.find("step 1.3 % ") != std::string::npos);
    CHECK(text.find("at least 1 h 1 min (evidence 1 h 1 min)\n") != std::string::npos);
    CHECK(text.find("at least 3 d 1 h\n") != std::string::npos);
    const nlohmann::json json = to_json(bounds);
    CHECK(json.at("pause_ms") == 29'000);
    CHECK(json.at("steps").at(0).at("share_ppm") == 13'000);
  }
}

}  // namespace readback::guard
