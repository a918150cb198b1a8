#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>

#include "flags/lease.h"

// The one source of time and the one way to wait: nothing else in the guard may read a clock or
// hold a timer. So the whole guard runs under virtual time.

namespace readback::guard {

using Duration = std::chrono::nanoseconds;
// Boot time: monotonic, and counting the time that the machine was suspended. Ages and schedules
// use it; so do leases, together with the wall clock (flags/lease.h).
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;
// Milliseconds since 1970-01-01 UTC. For stamps that leave the process, for people, the ledger.
using WallTime = std::chrono::milliseconds;

class Clock {
 public:
  virtual ~Clock() = default;

  virtual TimePoint now() const = 0;
  virtual WallTime wall() const = 0;

  // Completes at `when`, or at once if it is past. Throws system_error(operation_aborted) when the
  // calling coroutine is cancelled.
  virtual boost::asio::awaitable<void> sleep_until(TimePoint when) = 0;

  boost::asio::awaitable<void> sleep_for(Duration time) { return sleep_until(now() + time); }

  // Both clocks at once, as leases want them.
  flags::Moment moment() const { return {now().time_since_epoch(), wall()}; }
};

}  // namespace readback::guard
