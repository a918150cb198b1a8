#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "guard/clock.h"

// Ends the process when its event loop hangs: dead is safe, hung is not. A client gets a code
// default from a refused connection in 2 ms, from a hung one after 10 s or never.
//
// A thread wakes ten times in `limit` and counts the times at which the loop had done nothing since
// the last one. It counts its own wakings and reads no clock: a process that was stopped, or a
// machine that slept, stops both, and the loop is not blamed for it.

namespace readback::guard {

// What the process returns when its own watchdog ended it.
constexpr int kHungExit = 86;

class Watchdog {
 public:
  static constexpr int kWakings = 10;

  // `end` is called once, on the watchdog's thread; by default it says so on standard error and
  // ends the process with kHungExit, without destructors.
  explicit Watchdog(Duration limit, std::function<void()> end = end_process);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Shows that the loop lives, kWakings times in `limit`. Before it has begun the watchdog never
  // bites. Runs until it is cancelled, from when on the process has `limit` to end by itself.
  boost::asio::awaitable<void> keep_alive(Clock& clock);

 private:
  static void end_process();
  void guard_the_loop();

  const Duration interval_;
  const std::function<void()> end_;
  std::atomic<int> wakings_without_sign_{0};
  std::atomic<bool> is_watching_{false};
  std::mutex mutex_;
  std::condition_variable ending_;
  bool is_over_ = false;
  std::thread thread_;  // last: it uses all of the others
};

}  // namespace readback::guard
