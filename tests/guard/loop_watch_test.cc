#include "guard/loop_watch.h"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <vector>

#include "tests/simulation/world.h"

namespace asio = boost::asio;
using namespace readback;
using guard::Duration;
using guard::LoopWatch;
using guard::TimePoint;
using guard::WallTime;
using namespace std::chrono_literals;

namespace {

// A loop that stalls: within a stall [begin, begin + length) no timer fires.
class StallingClock final : public guard::Clock {
 public:
  struct Stall {
    Duration begin;
    Duration length;
  };
  StallingClock(simulation::World& world, std::vector<Stall> stalls)
      : world_(world), stalls_(std::move(stalls)) {}

  TimePoint now() const override { return world_.now(); }
  WallTime wall() const override { return {}; }
  asio::awaitable<void> sleep_until(TimePoint when) override {
    for (const Stall& stall : stalls_) {
      const TimePoint begin(stall.begin);
      if (when >= begin && when < begin + stall.length) when = begin + stall.length;
    }
    return world_.wait_until(when);
  }

 private:
  simulation::World& world_;
  std::vector<Stall> stalls_;
};

// What the watch says of [from, to] after the loop ran until `now`.
Duration watched(std::vector<StallingClock::Stall> stalls, Duration now, Duration from,
                 Duration to) {
  simulation::World world(1);
  StallingClock clock(world, std::move(stalls));
  LoopWatch watch(clock);
  asio::co_spawn(world.executor(0), watch.watch(), [](const std::exception_ptr&) {});
  asio::co_spawn(world.executor(0), world.wait_until(TimePoint(now)),
                 [&](const std::exception_ptr&) { now = Duration::max(); });
  while (now != Duration::max()) world.step();
  return watch.worst_lateness(TimePoint(from), TimePoint(to));
}

}  // namespace

TEST_SUITE("guard/loop_watch") {
  TEST_CASE("a stall shows in what overlaps it, and nowhere else") {
    const std::vector<StallingClock::Stall> stalls{{1005ms, 300ms}, {3005ms, 60ms}};
    struct Row {
      Duration now, from, to, at_least, at_most;
    };
    const Row rows[] = {
        {10s, 0s, 1s - 1ms, 0s, 0s},
        {10s, 0s, 2s, 300ms, 310ms},
        {10s, 1100ms, 1200ms, 300ms, 310ms},
        {10s, 1200ms, 5s, 300ms, 310ms},
        {10s, 1400ms, 2s, 0s, 0s},
        {10s, 1400ms, 9s, 60ms, 70ms},
        {10s, 3100ms, 9s, 0s, 0s},
        {1200ms, 900ms, 1200ms, 195ms, 210ms},  // still open: the watch had no turn yet
        {1200ms, 900ms, 990ms, 0s, 0s},
    };
    for (const Row& row : rows) {
      CAPTURE(row.now.count());
      CAPTURE(row.from.count());
      CAPTURE(row.to.count());
      const Duration worst = watched(stalls, row.now, row.from, row.to);
      CHECK(worst >= row.at_least);
      CHECK(worst <= row.at_most);
    }
  }

  TEST_CASE("a loop that is on time is never late") {
    CHECK(watched({}, 5s, 0s, 5s) == 0s);
  }

  TEST_CASE("a gap that is too old to be kept still counts for who asks about its time") {
    std::vector<StallingClock::Stall> stalls{{1005ms, 500ms}};
    for (std::size_t i = 0; i <= LoopWatch::kGapsKept; ++i)
      stalls.push_back({2005ms + 100ms * static_cast<int>(i), 30ms});
    CHECK(watched(stalls, 200s, 0s, 1200ms) >= 500ms);
    const Duration later = watched(stalls, 200s, 10s, 20s);
    CHECK(later >= 30ms);
    CHECK(later <= 40ms);
  }
}
