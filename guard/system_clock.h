#pragma once

#include "guard/clock.h"

namespace readback::guard {

// CLOCK_BOOTTIME, CLOCK_REALTIME, and Asio's timer on the executor of whoever waits.
class SystemClock final : public Clock {
 public:
  TimePoint now() const override;
  WallTime wall() const override;
  boost::asio::awaitable<void> sleep_until(TimePoint when) override;
};

}  // namespace readback::guard
