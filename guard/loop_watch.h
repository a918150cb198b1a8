#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <deque>

#include "guard/clock.h"

// How late the turns of the event loop are. A coroutine asks to be woken every kTurn; a gap between
// two of its turns is time in which nobody else was served, either. Time in which the process was
// stopped or the machine suspended counts.

namespace readback::guard {

class LoopWatch {
 public:
  static constexpr Duration kTurn = std::chrono::milliseconds(10);
  // Shorter gaps are the machine's noise, and are not kept.
  static constexpr Duration kNoticed = 2 * kTurn;
  // At the 100 ms that answers may take, the last 100 s of a loop that is late all the time.
  static constexpr std::size_t kGapsKept = 1'000;

  explicit LoopWatch(Clock& clock) : clock_(clock), last_turn_(clock.now()) {}

  // Runs until it is cancelled; once.
  boost::asio::awaitable<void> watch();

  // The longest gap that overlaps [from, to], the one that is still open included; zero if it is
  // shorter than kNoticed. Never less than what a turn was late, and at most kTurn more. Gaps that
  // are too old to be kept count as the longest of them.
  Duration worst_lateness(TimePoint from, TimePoint to) const;

 private:
  struct Gap {
    TimePoint begin;
    TimePoint end;
  };

  void note(Gap gap);

  Clock& clock_;
  TimePoint last_turn_;
  std::deque<Gap> gaps_;  // in order of time
  TimePoint forgotten_until_{};
  Duration worst_forgotten_{};
};

}  // namespace readback::guard
