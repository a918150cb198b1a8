#pragma once

#include <ostream>
#include <string>

namespace readback::guard {

struct ValidateOptions {
  std::string config;  // path of guard.yaml
  bool as_json = false;
};

// `guard validate`: reads the config as `guard run` does and prints what it promises, or everything
// that is wrong with it, a line each as FILE:LINE:COLUMN: WHAT. Returns an ExitCode: kOk or
// kConfigInvalid.
//
// Warnings (probes/coverage.h) are told and refuse nothing.
//
// As JSON: {"valid": true, "flags": [{"flag", "guarded", "bounds", "not_covered", "warnings",
// ...}]}, or
// {"valid": false, "faults": [{"file", "line", "column", "what"}]}.
int validate(const ValidateOptions& options, std::ostream& out, std::ostream& err);

}  // namespace readback::guard
