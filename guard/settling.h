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
//  - no usable answer: pending, however long; it is no evidence either way
//  - the text can't be made again: info

namespace readback::guard {

class Settling {
 public:
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
  // When to read again.
  TimePoint next() const { return next_; }

 private:
  const probes::Plan& plan_;
  TimePoint deadline_;
  TimePoint next_;
  Duration pause_;
  // By field that isn't settled: reads begun at or after the deadline that found a mismatch.
  std::map<std::string, unsigned> mismatches_;
};

}  // namespace readback::guard
