#pragma once

#include <optional>

#include "guard/foresight/rehearsal.h"

// What of one played rollout is asked for, once something went wrong in it. Pure.

namespace readback::guard::foresight {

struct Course {
  std::optional<double> pause;   // seconds from `when` until exposure was withdrawn
  std::optional<double> revert;  // the same, for good
  bool is_flag_named = false;
  // The share of practitioners who were exposed, summed up over hours from `when` on, and for as
  // long as an answer is in use after it was withdrawn.
  double exposed_hours = 0;
};

// Of a rollout in which something went wrong at `when`.
Course course_of(const Rehearsal& played, TimePoint when, Duration held_on);

double seconds(Duration time);

}  // namespace readback::guard::foresight
