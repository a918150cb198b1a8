#include "flags/lease.h"

#include <algorithm>

namespace readback::flags {

std::chrono::nanoseconds elapsed(Moment then, Moment now) {
  return std::max<std::chrono::nanoseconds>(now.boot - then.boot, now.wall - then.wall);
}

std::chrono::milliseconds round_stamp(std::chrono::milliseconds time) {
  return std::chrono::floor<std::chrono::seconds>(time) -
         std::chrono::floor<std::chrono::seconds>(time) % kStampGrain;
}

std::chrono::milliseconds Lease::stamp() const {
  return round_stamp(evidence_began.wall + max_evidence_age);
}

bool Lease::holds(Moment now) const {
  return elapsed(evidence_began, now) < max_evidence_age && now.wall < stamp();
}

}  // namespace readback::flags
