#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "flags/flag.h"

namespace readback::guard::testing {

// A flag with a rollout and a lease of 45 s, as the routes for clients serve it.
inline flags::Flag guarded_flag(std::string key) {
  flags::Flag flag;
  flag.key = std::move(key);
  flag.variants = {{"old", "old editor"}, {"new", "new editor"}};
  flag.safe = "old";
  flag.treatment = "new";
  flag.rollout = flags::Rollout{};
  flag.rollout->max_evidence_age = std::chrono::seconds(45);
  return flag;
}

}  // namespace readback::guard::testing
