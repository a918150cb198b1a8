// The guard's own coroutines under virtual time, seed by seed: what each fault of an application
// comes to, over crashes and a network that loses answers.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/simulation/seeds.h"
#include "tests/simulation/story.h"

namespace readback::simulation {
namespace {

using Result = guard::ProbeCounts::Result;
using namespace std::chrono_literals;

bool has_entry(const Story& story, const std::string& kind) {
  const auto& ledger = story.house().ledger();
  return std::any_of(ledger.begin(), ledger.end(), [&](const std::string& line) {
    return line.find(" " + kind + " by ") != line.npos;
  });
}

std::uint64_t rounds(Story& story, probes::Arm arm, Result result) {
  std::uint64_t count = 0;
  for (const auto& [key, number] : story.house().guard()->probe_counts().rounds)
    if (std::get<2>(key) == arm && std::get<3>(key) == result) count += number;
  return count;
}

// A fault that breaks treatment and nothing else: paused and latched within the plan's bounds, and
// no client holds treatment for longer than its evidence.
void is_latched_in_time(const std::string& fault, std::uint64_t count) {
  CAPTURE(fault);
  for (const std::uint64_t seed : seeds(count)) {
    CAPTURE(seed);
    Story story(house(seed));
    REQUIRE(story.until_exposed());
    story.pass(story.some_time(10s));
    story.house().break_with(fault);
    CHECK(story.until([&] { return story.is_latched(); }, 60s));
    story.pass(30s);
    CHECK(story.house().state()->latch.cause == "loss");
    CHECK(story.broken() == "");
  }
}

}  // namespace

TEST_SUITE("simulation/rollout") {
  TEST_CASE("without a fault a rollout advances through all steps") {
    for (const std::uint64_t seed : seeds(10)) {
      CAPTURE(seed);
      Story story(house(seed));
      REQUIRE(story.until_exposed());
      CHECK(story.until([&] { return story.house().state()->step == 2; }, 120s));
      CHECK(story.serves());
      CHECK_FALSE(has_entry(story, "suspected"));
      CHECK(story.broken() == "");
    }
  }

  TEST_CASE("what is only late is no fault") {
    for (const std::uint64_t seed : seeds(5)) {
      CAPTURE(seed);
      Story story(house(seed));
      story.house().break_with("stale-cache:0.6");
      REQUIRE(story.until_exposed());
      CHECK(story.until([&] { return story.house().state()->step == 1; }, 60s));
      CHECK_FALSE(has_entry(story, "suspected"));
      CHECK(story.broken() == "");
    }
  }

  TEST_CASE("the incident is paused and latched in time") {
    is_latched_in_time("lost-when-document-shared", 40);
  }

  TEST_CASE("other faults of the new path are, too") {
    is_latched_in_time("acknowledged-not-stored", 5);
    is_latched_in_time("stale-cache:20", 5);
  }

  TEST_CASE("a loss that shows late, or at times, is latched in the end") {
    for (const char* fault : {"erase-after:5", "lose-fraction:0.3"}) {
      CAPTURE(fault);
      for (const std::uint64_t seed : seeds(8)) {
        CAPTURE(seed);
        Story story(house(seed));
        REQUIRE(story.until_exposed());
        story.house().break_with(fault);
        CHECK(story.until([&] { return story.is_latched(); }, 120s));
        CHECK(story.broken() == "");
      }
    }
  }

  TEST_CASE("a loss in both arms pauses, blames the platform and latches nothing") {
    for (const std::uint64_t seed : seeds(5)) {
      CAPTURE(seed);
      Story story(house(seed));
      REQUIRE(story.until_exposed());
      story.pass(story.some_time(5s));
      story.house().break_with("both-arms");
      const auto is_platform = [&] { return story.finding() == guard::Harm::Finding::platform; };
      CHECK(story.until(is_platform, 40s));
      story.pass(10s);
      CHECK_FALSE(story.serves());
      CHECK(is_platform());
      CHECK_FALSE(has_entry(story, "reverted"));
      CHECK(story.broken() == "");
    }
  }

  TEST_CASE("a loss in control alone keeps treatment and says that reverting is unsafe") {
    for (const std::uint64_t seed : seeds(5)) {
      CAPTURE(seed);
      Story story(house(seed));
      REQUIRE(story.until_exposed());
      story.house().break_with("control-only");
      const auto is_ill = [&] { return !story.house().state()->harm.ill_controls().empty(); };
      CHECK(story.until(is_ill, 40s));
      const unsigned step = story.house().state()->step;
      story.pass(40s);
      CHECK(story.serves());
      CHECK(story.house().state()->step == step);
      CHECK(story.house().now() - story.house().last_served() < 20s);
      CHECK_FALSE(has_entry(story, "reverted"));
      CHECK(story.broken() == "");
    }
  }

  TEST_CASE("no answers and bad answers end the lease and blame nobody") {
    for (const char* fault : {"hang", "error-500"}) {
      CAPTURE(fault);
      for (const std::uint64_t seed : seeds(5)) {
        CAPTURE(seed);
        Story story(house(seed));
        REQUIRE(story.until_exposed());
        story.house().break_with(fault);
        CHECK(story.until([&] { return !story.serves(); }, 26s));
        story.pass(20s);
        CHECK_FALSE(story.serves());
        CHECK_FALSE(has_entry(story, "suspected"));
        CHECK_FALSE(has_entry(story, "reverted"));
        story.house().break_with("none");
        CHECK(story.until([&] { return story.serves(); }, 60s));  // Some twenty blocks.
        CHECK(story.broken() == "");
      }
    }
  }

  TEST_CASE("a slow guard under the incident is never counted ok, and blames nobody") {
    for (const std::uint64_t seed : seeds(10)) {
      CAPTURE(seed);
      Story story(house(seed));
      REQUIRE(story.until_exposed());
      story.house().slow_answers(150ms);
      story.house().be_disturbed(true);  // Void arms find nothing in time.
      story.house().break_with("lost-when-document-shared");
      story.pass(10s);  // What was under way has ended.
      const std::uint64_t ok = rounds(story, probes::Arm::treatment, Result::ok);
      const std::uint64_t not_known = rounds(story, probes::Arm::treatment, Result::void_arm);
      CHECK(story.until([&] { return !story.serves(); }, 26s));
      story.pass(10s);
      CHECK(rounds(story, probes::Arm::treatment, Result::ok) == ok);
      CHECK(rounds(story, probes::Arm::treatment, Result::void_arm) > not_known + 3);
      CHECK_FALSE(has_entry(story, "suspected"));
      CHECK(story.broken() == "");
    }
  }
}

}  // namespace readback::simulation
