#include "guard/foresight/course.h"

#include <algorithm>

namespace readback::guard::foresight {

double seconds(Duration time) {
  return std::chrono::duration<double>(time).count();
}

Course course_of(const Rehearsal& played, TimePoint when, Duration held_on) {
  Course course;
  double share = 0;
  TimePoint from = when;
  const auto expose_until = [&](TimePoint end) {
    const Duration served = std::max(end, from) - from;
    course.exposed_hours += share * seconds(served) / 3'600;
  };
  for (const Rehearsal::Served& next : played.served()) {
    if (next.from > when) {
      // Who is exposed again meanwhile is counted once.
      expose_until(next.from);
      const bool is_withdrawn = next.share == 0;
      if (is_withdrawn && !course.pause) course.pause = seconds(next.from - when);
      if (is_withdrawn) course.exposed_hours += share * seconds(held_on) / 3'600;
      from = next.from;
    }
    share = next.share;
  }
  expose_until(played.now());
  if (!played.is_reverted()) return course;
  course.revert = seconds(played.now() - when);
  if (!course.pause) course.pause = course.revert;
  course.is_flag_named = played.state().harm.blame().crosses();
  return course;
}

}  // namespace readback::guard::foresight
