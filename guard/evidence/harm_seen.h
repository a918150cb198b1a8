#pragma once

#include <vector>

#include "guard/evidence/harm.h"

// What of harm a ledger entry is written about when it changes.

namespace readback::guard {

struct HarmSeen {
  Finding finding;
  std::vector<probes::Cell> suspects;
  std::vector<probes::Cell> watched;
  friend bool operator==(const HarmSeen&, const HarmSeen&) = default;
};

inline HarmSeen seen(const Harm& harm) {
  return {harm.finding(), harm.suspects(), harm.watched()};
}

// Of the entry.
inline const char* kind_of(const HarmSeen& now) {
  if (now.finding == Finding::not_ok) return "unanswered";
  if (now.finding != Finding::none) return "suspected";
  return now.watched.empty() ? "cleared" : "watched";
}

}  // namespace readback::guard
