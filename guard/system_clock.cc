#include "guard/system_clock.h"

#include <time.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace readback::guard {
namespace {

Duration read_clock(clockid_t which) {
  timespec time{};
  clock_gettime(which, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

TimePoint SystemClock::now() const {
  return TimePoint(read_clock(CLOCK_BOOTTIME));
}

WallTime SystemClock::wall() const {
  return std::chrono::floor<std::chrono::milliseconds>(read_clock(CLOCK_REALTIME));
}

boost::asio::awaitable<void> SystemClock::sleep_until(TimePoint when) {
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor);
  // The timer stands still while the machine sleeps and then fires late, so ask the clock again.
  for (TimePoint time = now(); time < when; time = now()) {
    timer.expires_after(when - time);
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
}

}  // namespace readback::guard
