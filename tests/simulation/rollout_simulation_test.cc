// The guard's own coroutines under virtual time, seed by seed: what each fault of an application
// comes to, over crashes and a network that loses answers.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/simulation/story.h"

namespace readback::simulation {
namespace {

using guard::Command;
using guard::Harm;
using guard::Phase;
using Result = guard::ProbeCounts::Result;
using namespace std::chrono_literals;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kShare = 10;  // A tenth: each step takes some ten times as long.
#else
constexpr std::uint64_t kShare = 1;
#endif

struct Seeds {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};

// READBACK_SEED=N replays one seed alone.
Seeds seeds(std::uint64_t count) {
  const char* const only = std::getenv("READBACK_SEED");
  const std::uint64_t seed = only == nullptr ? 0 : std::strtoull(only, nullptr, 10);
  return only == nullptr ? Seeds{0, std::max<std::uint64_t>(1, count / kShare)}
                         : Seeds{seed, seed + 1};
}

HouseOptions house(std::uint64_t seed, double silence = 0) {
  HouseOptions options;
  options.seed = seed;
  options.network.silence = silence;
  options.network.latency = std::chrono::milliseconds(1 + seed % 40);
  return options;
}

bool is_latched(Story& story) {
  const guard::State* const state = story.house().state();
  return state != nullptr && state->phase == Phase::latched;
}

bool serves(Story& story) {
  if (story.house().state() == nullptr) return false;
  const auto exposure = judge(*story.house().state(), story.house().guard()->clock().moment());
  return exposure.exposure.mode == flags::Exposure::Mode::leased;
}

Harm::Finding finding(Story& story) {
  return story.house().state() == nullptr ? Harm::Finding::none
                                          : story.house().state()->harm.finding();
}

}  // namespace

TEST_SUITE("simulation/rollout") {
  TEST_CASE("without a fault a rollout advances through all steps") {
    const auto [first, end] = seeds(20);
    for (std::uint64_t seed = first; seed < end; ++seed) {
      CAPTURE(seed);
      Story story(house(seed));
      REQUIRE(story.until_exposed());
      const auto is_at_last = [&] { return story.house().state()->step == 2; };
      CHECK(story.until(is_at_last, 120s));
      CHECK(serves(story));
      CHECK(finding(story) == Harm::Finding::none);
      CHECK(story.broken() == "");
    }
  }

  TEST_CASE("the incident is paused and latched in time") {
    const auto [first, end] = seeds(100);
    for (std::uint64_t seed = first; seed < end; ++seed) {
      CAPTURE(seed);
      Story story(house(seed), {no_treatment_outlives_its_evidence, a_fault_is_noticed_in_time});
      REQUIRE(story.until_exposed());
      story.pass(story.some_time(10s));
      story.house().break_with("lost-when-document-shared");
      CHECK(story.until([&] { return is_latched(story); }, 60s));
      story.pass(30s);
      CHECK(story.broken() == "");
    }
  }
}

}  // namespace readback::simulation
