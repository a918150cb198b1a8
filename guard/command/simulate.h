#pragma once

#include <cstdint>
#include <ostream>
#include <string>

namespace readback::guard {

struct SimulateOptions {
  std::string config;  // path of guard.yaml
  std::string flag;    // empty: every guarded one
  std::string svg;     // path of the picture; empty: none. One flag only
  bool as_json = false;
  std::uint64_t rollouts = 1'000;
  std::uint64_t seed = 1;
  unsigned threads = 1;
  std::uint64_t practitioners = 1'000;
  double writes_per_hour = 6;
  unsigned answer_ms = 50;
  unsigned hours = 24;
};

// `guard simulate`: what the plans of a config would do before anything is started: how soon losses
// would be paused and reverted, what would be at risk until then, and what no probe would see
// (guard/foresight/forecast.h). Sends nothing.
//
// Returns an ExitCode: kOk, kConfigInvalid, kUsage if there is no such flag, or more than one for
// one picture, kFailed if the picture can't be written.
int simulate(const SimulateOptions& options, std::ostream& out, std::ostream& err);

}  // namespace readback::guard
