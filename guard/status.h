#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "guard/configuration.h"
#include "guard/holders.h"
#include "guard/probe_counts.h"
#include "guard/rollout.h"

// What on-call is shown: all that is known of each guarded flag at one moment, and what to do next.
// `guard status --json` prints it as it is; status_text.h makes the words of it.
//
// The keys below are relied upon by scripts: they are added to, never renamed. Times are
// milliseconds since 1970-01-01 UTC (_ms) or seconds (_seconds); unknown or absent is null.
//
//   {"at_ms", "config", "pending_reads", "loop_late_ms", "store_trouble",
//    "clock_jumps": [{"at_ms", "by_ms"}],  of the wall clock, oldest first; by: forward
//    "reload": {"at_ms", "faults": ["FILE:LINE:COLUMN: what"]},
//    "unguarded": ["KEY"],
//    "flags": [{"flag", "owner", "build", "plan", "phase", "verdict", "reasons": [],
//      "step", "steps",                    from 1
//      "serving": {"mode": safe|leased|finished, "variant", "safe_variant", "share_percent"},
//      "lease": null | {"stamp_ms", "seconds_left"},
//      "proven_until_ms": null | ...,      guard/proven.h
//      "held_until_ms": null | ...,        latest moment at which a client can still hold treatment
//      "latch": null | {"is_readable", "is_durable", "generation", "when_ms", "who", "cause",
//                       "reason", "build"},
//      "pause": null | {"by", "at_ms", "reason"},
//      "finding": none|not_ok|suspect|platform|lost|flag, "blame", "suspects": [], "watched": [],
//      "ill_controls": [], "budget",
//      "evidence": [{"journey", "field", "age_seconds", "complete", "needed"}],
//      "orphan": null | as_control | not_as_control | unknown,   guard/orphan_probe.h
//      "exposed", "is_exposure_record_full",
//      "clients": {"holding", "unconfirmed", "confirmed", "lapsed", "until_ms"},  holder_words.h
//      "rounds": [{"journey", "arm", "ok", "fail", "info", "void"}],
//      "voids": [{"arm", "reason", "words", "count"}],           guard/void_reason.h
//      "never_read": [{"journey", "field", "path", "delay_ms", "arm", "count"}],
//      "not_covered": guard/coverage.h,
//      "next": {"command", "why"}}],
//    "next": {"command", "why"}}           of the flag that needs a person most

namespace readback::guard {

class Guard;

// One flag and what is known of it; a view.
struct FlagView {
  const Guarded& guarded;
  const State& state;
  const ProbeCounts& counts;
  std::size_t exposed = 0;  // practitioners
  bool is_exposure_record_full = false;
  Holders::Tally clients{};
  std::optional<WallTime> proven_until{};
};

nlohmann::json flag_status(const FlagView& view, flags::Moment now);

nlohmann::json status(const Guard& guard);

}  // namespace readback::guard
