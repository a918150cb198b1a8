#pragma once

#include <map>
#include <string>
#include <vector>

#include "guard/clock.h"
#include "probes/readback.h"

// When a read that was carried again and again is settled: a value without I/O. Its rule, for each
// field:
//
//  - found (equal, or with a tolerated change): ok, at once, even after the deadline
//  - a mismatch before the deadline: pending; at or after it: a fail, once as many further reads as
//    the plan asks found one, too
//  - no usable answer: pending; it is no evidence either way
//  - no verdict a day after it was due: never read, which is told as such, and is neither ok nor a
//    loss. It was read at least once
//  - the text can't be made again: info

namespace readback::guard {

class Settling {
 public:
  // An application that is away longer is probed anew when it is back, by later writes.
  static constexpr Duration kNeverReadAfter = std::chrono::hours(24);

  struct Settled {
    std::string field;
    probes::Outcome outcome = probes::Outcome::info;
    probes::LossClass loss_class = probes::LossClass::indeterminate;
  };

  // `due`: when the first read is made; the deadline counts from it. Both outlive this.
  Settling(const probes::Plan& plan, const probes::ReadBack& read_back, TimePoint due);

  // What one read found, that began at `begun` and was answered at `now`; the fields that are
  // settled by it, each once.
  std::vector<Settled> take(const std::vector<probes::FieldReading>& readings, TimePoint begun,
                            TimePoint now);
  // Whatever is left is info: it cannot be read any more.
  std::vector<Settled> give_up();

  bool is_over() const { return mismatches_.empty(); }
  // Whether what is left is never read.
  bool is_hopeless(TimePoint now) const { return now >= end_; }
  // When to read again.
  TimePoint next() const { return next_; }

 private:
  const probes::Plan& plan_;
  TimePoint deadline_;
  TimePoint end_;
  TimePoint next_;
  Duration pause_;
  // By field that isn't settled: reads begun at or after the deadline that found a mismatch.
  std::map<std::string, unsigned> mismatches_;
};

}  // namespace readback::guard
