#pragma once

#include <iosfwd>
#include <string>

#include "guard/command/exit_code.h"

// `guard probe run PLAN --once`: walks each journey of a plan once an arm and shows what came of
// each step and each read, so that a plan can be written and mended.

namespace readback::guard {

struct ProbeOptions {
  std::string plan;
  // Of the guard that would run the plan. With it the flag is answered as the guard would, each arm
  // with its variant, at the address that it names; without it nobody answers, the application
  // takes its code default, and only that way is walked.
  std::string config;
  bool is_once = false;
  bool as_json = false;
};

// kOk: every field came back by every path. kFailed: some did not, or it could not be told.
// kConfigInvalid: every fault is printed. Reads as far as delays within lease_within. Prints no
// note text.
ExitCode probe_once(const ProbeOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace readback::guard
