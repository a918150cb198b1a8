#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "guard/configuration.h"
#include "guard/foresight/walk_times.h"
#include "guard/terms.h"

// What a rollout is played ahead in: what the config says of it, and what it cannot say.

namespace readback::guard::foresight {

// What only the asker knows. All of it is told beside the answer.
struct Assumptions {
  std::uint64_t practitioners = 1'000;   // real ones whom the flag may take in
  double writes_per_hour = 6;            // notes of each of them
  std::chrono::milliseconds answer{50};  // of the application, to each request of a probe
  std::chrono::hours longest{24};        // that a rollout is played on after a loss began
  std::chrono::hours healthy{24};        // that one was healthy before
};

// Shared by all rollouts that are played, from any thread.
struct Setting {
  Setting(const Configuration& configuration, const Guarded& guarded, const Assumptions& assumed);

  const probes::Plan& plan;  // of `guarded`, which outlives this
  Terms terms;
  Assumptions assumed;
  std::vector<WalkTimes> walks;  // by journey
  // For how long a practitioner may still write by an answer that was withdrawn.
  std::chrono::milliseconds held_on{};
};

}  // namespace readback::guard::foresight
