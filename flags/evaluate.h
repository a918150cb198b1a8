#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "flags/context.h"
#include "flags/lease.h"
#include "flags/snapshot.h"

// Which variant somebody gets at this moment. Pure; the lease is checked here, each time.

namespace readback::flags {

// OpenFeature's reasons, of those that every official provider understands.
enum class Reason { static_value, standard, targeting_match, split };  // STATIC, DEFAULT, ...
std::string_view to_string(Reason reason);

struct Evaluation {
  const Flag* flag = nullptr;
  const Variant* variant = nullptr;
  Reason reason = Reason::static_value;
  // Set iff a variant other than the safe one is served under a lease: wall milliseconds, a
  // multiple of 5 s but for synthetic practitioners (now + the round's deadline).
  std::optional<std::chrono::milliseconds> lease_until{};
  bool is_synthetic = false;
  // A real practitioner gets treatment: to be recorded as exposed, at `step`.
  bool is_exposed = false;
  unsigned step = 0;
};

// Nothing if there is no such flag.
//
//  1. unguarded flag: safe variant, STATIC
//  2. synthetic practitioner: the variant of his pin, else the safe one; never counted as exposed
//  3. no targeting key, not eligible, not in the cohort, or no lease that holds: the safe variant,
//     DEFAULT
//  4. else treatment: SPLIT, or TARGETING_MATCH if he is listed by id. A practitioner who is listed
//     by id is in at every share above zero.
//
// A pin that names a variant which the flag no longer has (a reload between) is the safe one. Who
// is synthetic for another flag gets here what a real practitioner would, and is not exposed
// either.
//
// A finished flag (Exposure::Mode::finished) is served with the stamp now + max_evidence_age,
// rounded down, so that the bound of a rollback still holds.
std::optional<Evaluation> evaluate(const Snapshot& snapshot, std::string_view key,
                                   const Context& context, Moment now);

// The safe variant of a guarded flag, DEFAULT: what is served when in doubt.
Evaluation serve_safe(const Flag& flag);

// The member that bucketing looks at: the targeting key, or the practice for a rollout by practice.
// Empty: the context names none, and he is not in.
std::string_view member(const Rollout& rollout, const Context& context);

}  // namespace readback::flags
