#include "guard/tasks.h"

#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "tests/simulation/world.h"

namespace asio = boost::asio;
using namespace readback;
using guard::Clock;
using guard::Duration;
using guard::Tasks;
using guard::TimePoint;
using namespace std::chrono_literals;

namespace {

asio::awaitable<void> fail_after(Clock& clock, Duration time) {
  co_await clock.sleep_for(time);
  throw std::runtime_error("disk full");
}

asio::awaitable<void> clean_up_slowly(Clock& clock, TimePoint& cleaned) {
  bool cancelled = false;
  try {
    co_await clock.sleep_for(1h);
  } catch (const boost::system::system_error&) {
    cancelled = true;
  }
  if (!cancelled) co_return;
  co_await asio::this_coro::reset_cancellation_state();
  co_await clock.sleep_for(3s);
  cleaned = clock.now();
}

asio::awaitable<void> parent(asio::any_io_executor executor, Clock& clock, TimePoint& cleaned,
                             std::optional<Duration> failure) {
  Tasks tasks(std::move(executor));
  tasks.start(clean_up_slowly(clock, cleaned));
  if (failure) tasks.start(fail_after(clock, *failure));
  co_await tasks.join();
}

asio::awaitable<void> emit_after(Clock& clock, Duration time, asio::cancellation_signal& signal) {
  co_await clock.sleep_for(time);
  signal.emit(asio::cancellation_type::terminal);
}

struct Outcome {
  bool ended = false;
  std::string failure;
};

}  // namespace

TEST_CASE("the first failure cancels the siblings, waits for their clean-up and is rethrown") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    simulation::World world(seed);
    simulation::SimulatedClock clock(world);
    TimePoint cleaned{};
    Outcome outcome;
    asio::co_spawn(world.executor(0), parent(world.executor(0), clock, cleaned, 2s),
                   [&](std::exception_ptr failure) {
                     outcome.ended = true;
                     try {
                       if (failure) std::rethrow_exception(failure);
                     } catch (const std::exception& error) {
                       outcome.failure = error.what();
                     }
                   });
    while (world.step()) {
    }
    CHECK(outcome.ended);
    CHECK(outcome.failure == "disk full");
    CHECK(cleaned == TimePoint{} + 5s);
    CHECK(world.now() == TimePoint{} + 5s);
  }
}

TEST_CASE("cancelling the parent cancels the tasks and waits for them") {
  simulation::World world(1);
  simulation::SimulatedClock clock(world);
  TimePoint cleaned{};
  Outcome outcome;
  asio::cancellation_signal stop;
  asio::co_spawn(
      world.executor(0), parent(world.executor(0), clock, cleaned, std::nullopt),
      asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr) { outcome.ended = true; }));
  asio::co_spawn(world.executor(1), emit_after(clock, 1s, stop), [](std::exception_ptr) {});
  while (world.step()) {
  }
  CHECK(outcome.ended);
  CHECK(cleaned == TimePoint{} + 4s);
}

TEST_CASE("a crash frees every frame and completes nothing") {
  simulation::World world(1);
  simulation::SimulatedClock clock(world);
  TimePoint cleaned{};
  Outcome outcome;
  asio::co_spawn(world.executor(7), parent(world.executor(7), clock, cleaned, 1h),
                 [&](std::exception_ptr) { outcome.ended = true; });
  for (int i = 0; i < 8; ++i) world.step();
  world.crash(7);
  CHECK_FALSE(world.step());
  CHECK_FALSE(outcome.ended);
}

namespace {

asio::awaitable<void> count_after(Clock& clock, Duration time, int& count) {
  co_await clock.sleep_for(time);
  ++count;
}

// An accept loop in small: it starts its siblings while the parent is already joining.
asio::awaitable<void> accept(Tasks& tasks, Clock& clock, int& count) {
  for (int i = 0; i < 3; ++i) {
    co_await clock.sleep_for(1s);
    tasks.start(count_after(clock, 5s, count));
  }
}

asio::awaitable<void> listen(asio::any_io_executor executor, Clock& clock, int& count) {
  Tasks tasks(std::move(executor));
  tasks.start(accept(tasks, clock, count));
  co_await tasks.join();
}

}  // namespace

TEST_CASE("a task starts others while the parent joins and all are waited for") {
  simulation::World world(1);
  simulation::SimulatedClock clock(world);
  int count = 0;
  bool ended = false;
  asio::co_spawn(world.executor(0), listen(world.executor(0), clock, count),
                 [&](std::exception_ptr failure) { ended = failure == nullptr; });
  while (world.step()) {
  }
  CHECK(ended);
  CHECK(count == 3);
  CHECK(world.now() == TimePoint{} + 8s);
}

namespace {

// A task that waits for the signal to end, and then ends all.
asio::awaitable<void> cancel_after(Tasks& tasks, Clock& clock, Duration time) {
  co_await clock.sleep_for(time);
  tasks.cancel();
}

asio::awaitable<void> live(asio::any_io_executor executor, Clock& clock, TimePoint& cleaned) {
  Tasks tasks(std::move(executor));
  tasks.start(clean_up_slowly(clock, cleaned));
  tasks.start(cancel_after(tasks, clock, 1s));
  co_await tasks.join();
}

}  // namespace

TEST_CASE("a task cancels its siblings while the parent joins, and the parent ends in order") {
  simulation::World world(1);
  simulation::SimulatedClock clock(world);
  TimePoint cleaned{};
  bool has_ended = false;
  asio::co_spawn(world.executor(0), live(world.executor(0), clock, cleaned),
                 [&](const std::exception_ptr& failure) { has_ended = failure == nullptr; });
  while (world.step()) {
  }
  CHECK(has_ended);
  CHECK(cleaned == TimePoint{} + 4s);
}

namespace {

// Ends its siblings, itself among them, without ever having waited.
asio::awaitable<void> cancel_at_once(Tasks& tasks, bool fails) {
  tasks.cancel();
  if (fails) throw std::runtime_error("disk full");
  co_return;
}

asio::awaitable<void> end_at_once(asio::any_io_executor executor, Clock& clock, TimePoint& cleaned,
                                  bool fails) {
  Tasks tasks(std::move(executor));
  tasks.start(clean_up_slowly(clock, cleaned));
  tasks.start(cancel_at_once(tasks, fails));
  co_await tasks.join();
}

}  // namespace

TEST_CASE("a task that never waits may cancel all of them, itself too") {
  for (const bool fails : {false, true}) {
    simulation::World world(1);
    simulation::SimulatedClock clock(world);
    TimePoint cleaned{};
    bool ended = false;
    std::exception_ptr failure;
    asio::co_spawn(world.executor(0), end_at_once(world.executor(0), clock, cleaned, fails),
                   [&](std::exception_ptr why) {
                     ended = true;
                     failure = why;
                   });
    while (world.step()) {
    }
    CHECK(ended);
    CHECK((failure != nullptr) == fails);
    CHECK(cleaned == TimePoint{} + 3s);
  }
}

namespace {

asio::awaitable<void> touch_after(Clock& clock, Duration time, bool& is_parent_there,
                                  bool& touched_nothing) {
  co_await clock.sleep_for(time);
  touched_nothing = touched_nothing && is_parent_there;
}

struct Presence {
  bool& is_there;
  explicit Presence(bool& there) : is_there(there) { is_there = true; }
  ~Presence() { is_there = false; }
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;
};

// A post takes no notice of a cancellation, as a write to the disk does not.
asio::awaitable<void> write_then_read(asio::any_io_executor executor, Clock& clock, bool& is_there,
                                      bool& touched_nothing) {
  const Presence presence(is_there);
  co_await asio::post(executor, asio::use_awaitable);
  Tasks tasks(executor);
  tasks.start(touch_after(clock, 1s, is_there, touched_nothing));
  co_await tasks.join();
}

asio::awaitable<void> emit_at_once(asio::cancellation_signal& signal) {
  signal.emit(asio::cancellation_type::terminal);
  co_return;
}

}  // namespace

TEST_CASE("no task outlives a parent who was cancelled before he joined") {
  simulation::World world(1);
  simulation::SimulatedClock clock(world);
  bool is_there = false, touched_nothing = true, has_ended = false;
  asio::cancellation_signal stop;
  asio::co_spawn(
      world.executor(0), write_then_read(world.executor(0), clock, is_there, touched_nothing),
      asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr) { has_ended = true; }));
  asio::co_spawn(world.executor(1), emit_at_once(stop), [](std::exception_ptr) {});
  while (world.step()) {
  }
  CHECK(has_ended);
  CHECK(touched_nothing);
  CHECK(world.now() == TimePoint{});
}
