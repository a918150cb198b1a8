#pragma once

#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <utility>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "guard/clock.h"

namespace readback::simulation {
using guard::Clock;
using guard::Duration;
using guard::TimePoint;
using guard::WallTime;

// A process in the simulated world. Crashing it drops everything that it was waiting for.
using Node = int;

// A completion handler for what must not throw: what it throws is a bug, and goes to step().
void rethrow(std::exception_ptr thrown);

// A single-threaded Asio execution context under virtual time. It takes the place of io_context
// and keeps its order: ready work runs first in, first out, and time moves only when nothing is
// ready. What differs from seed to seed is when the simulated network, disk and people act. The
// same seed gives the same run, step by step.
class World final : public boost::asio::execution_context {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {}
  ~World();

  class Executor;
  Executor executor(Node node);

  // A thread of `node` that does one piece of work after another, each of which takes some time.
  struct Lane {
    Duration longest{};
    TimePoint busy_until{};
  };
  // Work is done at the end of its time. The lane outlives it.
  Executor executor(Node node, Lane& lane);

  TimePoint now() const { return now_; }
  std::mt19937_64& random() { return random_; }
  double chance() { return static_cast<double>(random_() >> 11) * 0x1p-53; }  // in [0, 1)
  Duration some_time(Duration longest);                                       // in [0, longest]

  // Runs one piece of ready work, or else moves time to the next event and makes it ready.
  // False when nothing is left to happen.
  bool step();

  // Completes at `when` for the process that waits; cancellable.
  boost::asio::awaitable<void> wait_until(TimePoint when);

  // Forgets all work and waits of `node`; their coroutine frames are destroyed on the spot.
  void crash(Node node);

  // Nothing of `node` runs from now on until thaw(); what comes meanwhile waits in its order.
  void freeze(Node node) { frozen_.insert(node); }
  void thaw(Node node);
  bool is_frozen(Node node) const { return frozen_.contains(node); }
  // What `node` waits for comes later by `time`: its timers stood still.
  void postpone(Node node, Duration time);
  // The lane of `node` is as fast as this from now on, also with what is waiting in it.
  void set_pace(Node node, Lane& lane, Duration longest);

  std::uint64_t steps() const { return steps_; }

  // A digest of everything that happened so far, in its order: FNV-1a of 64 bits.
  std::uint64_t trace() const { return trace_; }
  void fold(std::uint64_t value) { trace_ = (trace_ ^ value) * 1'099'511'628'211U; }

 private:
  struct Work {
    virtual ~Work() = default;
    virtual void run() = 0;
  };
  struct Ready {
    Node node;
    std::unique_ptr<Work> work;
  };
  struct Event {
    Node node;
    // One of the two.
    std::optional<boost::asio::any_completion_handler<void(boost::system::error_code)>> handler{};
    std::unique_ptr<Work> work{};
  };
  using When = std::pair<TimePoint, std::uint64_t>;  // The number orders events of one instant.

  template <class Predicate>
  void forget(Predicate doomed);
  void cancel(std::uint64_t number);
  void take_time(Node node, Lane& lane, std::unique_ptr<Work> work);
  void complete(Event event, boost::system::error_code code);
  // Each event of `node` is due when `when` says, which is told its time so far.
  template <class Reschedule>
  void reschedule(Node node, Reschedule when);

  std::mt19937_64 random_;
  TimePoint now_{};
  std::uint64_t next_number_ = 0;
  std::uint64_t steps_ = 0;
  bool running_ = false;
  std::uint64_t trace_ = 14'695'981'039'346'656'037U;
  std::deque<Ready> ready_;
  std::map<When, Event> events_;
  std::map<std::uint64_t, TimePoint> waits_;  // when the event of this number is due
  std::set<Node> frozen_;
  std::deque<Ready> held_;  // of frozen nodes
};

// Meets Asio's executor requirements, so that any_io_executor, co_spawn and awaitable take it.
class World::Executor {
 public:
  Executor(World& world, Node node, Lane* lane = nullptr)
      : world_(&world), node_(node), lane_(lane) {}

  template <class Function>
  void execute(Function&& function) const {
    using Decayed = std::decay_t<Function>;
    struct Holder final : Work {
      explicit Holder(Function&& f) : call(std::forward<Function>(f)) {}
      void run() override { std::move(call)(); }
      Decayed call;
    };
    // dispatch() may run at once, as it would on io_context's own thread: co_spawn of Asio 1.26
    // relies on it when it forwards a cancellation (chriskohlhoff/asio issue 1332).
    if (may_run_inline_ && world_->running_ && lane_ == nullptr) {
      Decayed call(std::forward<Function>(function));
      std::move(call)();
      return;
    }
    auto work = std::make_unique<Holder>(std::forward<Function>(function));
    if (lane_ != nullptr)
      world_->take_time(node_, *lane_, std::move(work));
    else
      world_->ready_.push_back({node_, std::move(work)});
  }

  World& query(boost::asio::execution::context_t) const noexcept { return *world_; }
  boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) const noexcept {
    return may_run_inline_
               ? boost::asio::execution::blocking_t(boost::asio::execution::blocking.possibly)
               : boost::asio::execution::blocking_t(boost::asio::execution::blocking.never);
  }
  Executor require(boost::asio::execution::blocking_t::never_t) const { return with_inline(false); }
  Executor require(boost::asio::execution::blocking_t::possibly_t) const {
    return with_inline(true);
  }
  Node node() const { return node_; }
  friend bool operator==(const Executor& a, const Executor& b) noexcept {
    return a.world_ == b.world_ && a.node_ == b.node_ && a.lane_ == b.lane_ &&
           a.may_run_inline_ == b.may_run_inline_;
  }
  friend bool operator!=(const Executor& a, const Executor& b) noexcept { return !(a == b); }

 private:
  Executor with_inline(bool allowed) const {
    Executor other = *this;
    other.may_run_inline_ = allowed;
    return other;
  }
  World* world_;
  Node node_;
  Lane* lane_;
  bool may_run_inline_ = false;
};

inline World::Executor World::executor(Node node) {
  return Executor(*this, node);
}

inline World::Executor World::executor(Node node, Lane& lane) {
  return Executor(*this, node, &lane);
}

// The clocks of one machine. Both run with the world's time until somebody sets the wall clock, or
// the machine is a virtual one that was stopped and resumed.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(World& world) : world_(world) {}
  TimePoint now() const override { return world_.now() - lag_; }
  WallTime wall() const override { return true_wall() + error_; }
  boost::asio::awaitable<void> sleep_until(TimePoint when) override;

  // What a right wall clock shows.
  WallTime true_wall() const {
    return std::chrono::floor<WallTime>(world_.now().time_since_epoch()) + kEpoch;
  }
  WallTime error() const { return error_; }
  Duration lag() const { return lag_; }

  // The largest that the wall clock ever was ahead, and whether it ever was set.
  WallTime worst_error() const { return worst_error_; }
  bool is_ever_set() const { return is_ever_set_; }

  void set_wall_error(WallTime error);
  // Both clocks stood still for `time`.
  void fall_behind(Duration time);

  static constexpr WallTime kEpoch = std::chrono::hours(24 * 365 * 57);  // Some day of 2026.

 private:
  World& world_;
  WallTime error_{};
  WallTime worst_error_{};
  bool is_ever_set_ = false;
  Duration lag_{};
};

}  // namespace readback::simulation
