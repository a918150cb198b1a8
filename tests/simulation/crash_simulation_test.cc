// What must hold although the guard's process ends at any step, by a kill or a power cut; and that
// a broken seam is noticed.
#include <doctest/doctest.h>

#include "tests/simulation/seeds.h"
#include "tests/simulation/story.h"

namespace readback::simulation {
namespace {

using guard::Phase;
using Kind = guard::Command::Kind;
using namespace std::chrono_literals;

// Sends `kind` until it is acknowledged, over crashes.
bool until_acknowledged(Story& story, Kind kind) {
  std::optional<TimePoint> sent;
  const auto is_done = [&] {
    if (!sent || story.house().now() > *sent + 1s) {
      story.house().command(kind);
      sent = story.house().now();
    }
    return story.house().acknowledged(kind).has_value();
  };
  return story.until(is_done, 60s);
}

// An operator's command at some time, and a power cut soon after its answer.
std::string play_command(std::uint64_t seed, Kind kind, Plant plant) {
  Story story(house(seed, 0, plant));
  if (!story.until_exposed()) return story.broken();
  story.pass(story.some_time(20s));
  if (!until_acknowledged(story, kind)) return story.broken() + ", or never acknowledged";
  story.pass(story.some_time(30ms));
  story.crash(true);
  story.pass(25s);
  return story.broken();
}

std::string play_incident(std::uint64_t seed, Plant plant) {
  Story story(house(seed, 0, plant));
  if (!story.until_exposed()) return story.broken();
  story.house().break_with("lost-when-document-shared");
  story.pass(60s);
  return story.broken();
}

// Whether one of the first `count` seeds notices the bug.
template <class Play>
bool is_noticed(std::uint64_t count, Play play) {
  for (std::uint64_t seed = 0; seed < count; ++seed)
    if (!play(seed).empty()) return true;
  return false;
}

}  // namespace

TEST_SUITE("simulation/crash") {
  TEST_CASE("an acknowledged revert or pause outlives a power cut") {
    for (const std::uint64_t seed : seeds(15)) {
      CAPTURE(seed);
      CHECK(play_command(seed, Kind::revert, Plant::none) == "");
      CHECK(play_command(seed, Kind::pause, Plant::none) == "");
    }
  }

  TEST_CASE("the incident is latched over crashes and silence, and stays so") {
    for (const std::uint64_t seed : seeds(20)) {
      CAPTURE(seed);
      Story story(house(seed, 0.02));
      story.crash_now_and_then(20s);
      REQUIRE(story.until_exposed(200s));
      story.house().break_with("lost-when-document-shared");
      const auto is_durable = [&] {
        return story.is_latched() && story.house().state()->is_latch_durable;
      };
      CHECK(story.until(is_durable, 200s));
      const auto is_lost = [&] { return story.house().guard() != nullptr && !story.is_latched(); };
      CHECK_FALSE(story.until(is_lost, 60s));
      CHECK(story.broken() == "");
    }
  }

  TEST_CASE("re-reads outlive a crash and find what was erased after it") {
    for (const std::uint64_t seed : seeds(20)) {
      CAPTURE(seed);
      Story story(house(seed));
      REQUIRE(story.until_exposed());
      story.house().break_with("erase-after:5");
      story.pass(4500ms + story.some_time(2s));
      REQUIRE(story.finding() == guard::Harm::Finding::none);
      story.crash(seed % 2 == 0);
      // Whatever is written from now on stays.
      story.house().break_with("none");
      CHECK(story.until([&] { return story.finding() != guard::Harm::Finding::none; }, 20s));
      CHECK(story.broken() == "");
    }
  }

  TEST_CASE("a crash while a re-arm is proven leaves it latched, or rolling at its first step") {
    for (const std::uint64_t seed : seeds(20)) {
      CAPTURE(seed);
      Story story(house(seed));
      REQUIRE(story.until_exposed());
      REQUIRE(until_acknowledged(story, Kind::revert));
      REQUIRE(until_acknowledged(story, Kind::rearm));
      story.pass(10s + story.some_time(15s));
      const bool was_rolling = story.house().state()->phase == Phase::rolling;
      story.crash(true);
      REQUIRE(story.until([&] { return story.house().guard() != nullptr; }, 10s));
      const guard::State& state = *story.house().state();
      CHECK((state.phase == Phase::latched || state.phase == Phase::rolling));
      CHECK((!was_rolling || state.phase == Phase::rolling));
      CHECK(state.step == 0);
      CHECK(story.broken() == "");
    }
  }

  TEST_CASE("the same seed is the same run, step by step") {
    const auto play = [](std::uint64_t seed) {
      Story story(house(seed, 0.02));
      story.crash_now_and_then(15s);
      story.pass(30s);
      story.house().command(Kind::start);
      story.pass(30s);
      return story.house().world().trace();
    };
    CHECK(play(1) == play(1));
    CHECK(play(2) == play(2));
    CHECK(play(1) != play(2));
  }

  TEST_CASE("planted bugs are noticed") {
    const auto revert = [](Plant plant) {
      return [plant](std::uint64_t seed) { return play_command(seed, Kind::revert, plant); };
    };
    const auto pause = [](Plant plant) {
      return [plant](std::uint64_t seed) { return play_command(seed, Kind::pause, plant); };
    };
    const auto incident = [](Plant plant) {
      return [plant](std::uint64_t seed) { return play_incident(seed, plant); };
    };
    // A power cut drops what was not synced in one case of four; a torn slot counts as latched.
    CHECK(is_noticed(100, revert(Plant::latch_not_synced)));
    CHECK(is_noticed(10, pause(Plant::log_not_synced)));
    CHECK(is_noticed(10, pause(Plant::answered_before_written)));
    CHECK(is_noticed(1, incident(Plant::clock_ahead)));
    CHECK(is_noticed(1, incident(Plant::reads_echo_writes)));
  }
}

}  // namespace readback::simulation
