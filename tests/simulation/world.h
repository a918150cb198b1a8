#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
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

  TimePoint now() const { return now_; }
  std::mt19937_64& random() { return random_; }

  // Runs one piece of ready work, or else moves time to the next event and makes it ready.
  // False when nothing is left to happen.
  bool step();

  // Completes at `when` for the process that waits; cancellable.
  boost::asio::awaitable<void> wait_until(TimePoint when);

  // Forgets all work and waits of `node`; their coroutine frames are destroyed on the spot.
  void crash(Node node);

  std::uint64_t steps() const { return steps_; }

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
    std::optional<boost::asio::any_completion_handler<void(boost::system::error_code)>> handler;
  };
  using When = std::pair<TimePoint, std::uint64_t>;  // The number orders events of one instant.

  template <class Predicate>
  void forget(Predicate doomed);
  void cancel(When when);
  void complete(Event event, boost::system::error_code code);

  std::mt19937_64 random_;
  TimePoint now_{};
  std::uint64_t next_number_ = 0;
  std::uint64_t steps_ = 0;
  bool running_ = false;
  std::deque<Ready> ready_;
  std::map<When, Event> events_;
};

// Meets Asio's executor requirements, so that any_io_executor, co_spawn and awaitable take it.
class World::Executor {
 public:
  Executor(World& world, Node node) : world_(&world), node_(node) {}

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
    if (may_run_inline_ && world_->running_) {
      Decayed call(std::forward<Function>(function));
      std::move(call)();
      return;
    }
    world_->ready_.push_back({node_, std::make_unique<Holder>(std::forward<Function>(function))});
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
    return a.world_ == b.world_ && a.node_ == b.node_ && a.may_run_inline_ == b.may_run_inline_;
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
  bool may_run_inline_ = false;
};

inline World::Executor World::executor(Node node) {
  return Executor(*this, node);
}

class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(World& world) : world_(world) {}
  TimePoint now() const override { return world_.now(); }
  // The wall clock runs with boot time until somebody sets it.
  WallTime wall() const override {
    return std::chrono::floor<WallTime>(world_.now().time_since_epoch()) + offset_;
  }
  void set_wall_offset(WallTime offset) { offset_ = offset; }
  boost::asio::awaitable<void> sleep_until(TimePoint when) override {
    return world_.wait_until(when);
  }

 private:
  World& world_;
  WallTime offset_ = std::chrono::hours(24 * 365 * 57);  // Some day of 2026.
};

}  // namespace readback::simulation
