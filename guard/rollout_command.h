#pragma once

#include "guard/rollout.h"

// The parts of a step that change a rollout's phase: what operators ask for, latching, and what a
// durable write makes true. Used by guard/rollout.cc alone.

namespace readback::guard {

// Does what `command` asks, or refuses it with a reason in the answer. A revert is never refused.
void obey(State& state, const Command& command, flags::Moment now, Decision& decision);

// Latches in memory: from now on the safe variant is served. What would have widened is void.
void set_latch(State& state, std::string cause, std::string who, std::string reason,
               flags::Moment now);

// Asks for the latch to be written, for an entry to be written (with `state` as it is after it), or
// for a widening once all that this decision writes is durable.
void write_latch(State& state, Decision& decision);
void write_entry(const State& state, flags::Moment now, std::string kind, std::string by,
                 std::string reason, Decision& decision);
// The evidence that isn't written yet.
void write_evidence(State& state, flags::Moment now, Decision& decision);
Write& ask_to_widen(const State& state, Widening::Kind kind, Decision& decision);

// Makes the widening of a durable write true, unless the state no longer allows it.
void widen(State& state, const Write& write, flags::Moment now);

}  // namespace readback::guard
