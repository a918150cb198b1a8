#include "guard/watchdog.h"

#include <unistd.h>

#include <cassert>
#include <string_view>
#include <utility>

namespace readback::guard {

Watchdog::Watchdog(Duration limit, std::function<void()> end)
    : interval_(limit / kWakings), end_(std::move(end)), thread_([this] { guard_the_loop(); }) {
  assert(limit >= std::chrono::milliseconds(kWakings));
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  ending_.notify_one();
  thread_.join();
}

boost::asio::awaitable<void> Watchdog::keep_alive(Clock& clock) {
  for (;;) {
    wakings_without_sign_ = 0;
    is_watching_ = true;
    co_await clock.sleep_for(interval_);
  }
}

void Watchdog::guard_the_loop() {
  std::unique_lock lock(mutex_);
  while (!ending_.wait_for(lock, interval_, [this] { return is_over_; })) {
    // One more than kWakings: the sign may have come just after the first of them.
    if (!is_watching_ || ++wakings_without_sign_ <= kWakings) continue;
    end_();
    return;
  }
}

void Watchdog::end_process() {
  constexpr std::string_view kWhy = "guard: the event loop hangs; ending the process\n";
  // Nothing that could wait: no stream, no lock, no destructor.
  const ssize_t ignored = write(STDERR_FILENO, kWhy.data(), kWhy.size());
  static_cast<void>(ignored);
  _exit(kHungExit);
}

}  // namespace readback::guard
