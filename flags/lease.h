#pragma once

#include <chrono>

// Exposure is a lease that evidence renews. It ends by itself: whoever serves treatment asks
// holds() at that very moment, and no timer is trusted to end it.
//
// Pure functions; safe from any thread.

namespace readback::flags {

// One instant as both clocks tell it. Boot time counts suspended time but stops in a snapshot of a
// virtual machine; the wall clock may be set back. So a lease asks both.
struct Moment {
  std::chrono::nanoseconds boot{};   // since boot
  std::chrono::milliseconds wall{};  // since 1970-01-01 UTC
  friend constexpr bool operator==(const Moment&, const Moment&) = default;
};

// The larger of what the two clocks say has passed from `then` to `now`.
std::chrono::nanoseconds elapsed(Moment then, Moment now);

// Stamps are whole multiples of this, so that a bulk answer's ETag changes rarely.
inline constexpr std::chrono::seconds kStampGrain{5};

// `time` rounded down to kStampGrain.
std::chrono::milliseconds round_stamp(std::chrono::milliseconds time);

struct Lease {
  // The start of the verified treatment write: evidence is as old as the moment its write began.
  Moment evidence_began;
  std::chrono::milliseconds max_evidence_age{};

  // What clients are told as leaseUntilMs: wall milliseconds, rounded down. Absolute and never
  // counted from the reply, so a late reply cannot stretch it.
  std::chrono::milliseconds stamp() const;

  // True iff elapsed(evidence_began, now) < max_evidence_age and now.wall < stamp(). Either clock
  // may end the lease, neither may extend it.
  bool holds(Moment now) const;
};

}  // namespace readback::flags
