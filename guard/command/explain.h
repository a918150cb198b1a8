#pragma once

#include <iosfwd>
#include <string>

#include "guard/command/exit_code.h"

// `guard explain FLAG`: the evidence behind a flag's state, now or at an earlier time, recomputed
// from the ledger. Reads only; works while the daemon writes, and without it.

namespace readback::guard {

struct ExplainOptions {
  std::string state{};  // --state DIR, or empty: guard/state_directory.h
  bool as_json = false;
  std::string flag{};
  std::string at{};  // --at: "2026-01-31T04:05:06Z", milliseconds since 1970, or empty: now
};

// kOk; kUsage: the time is none; kRefused: the ledger has no such flag, or none before that time;
// kFailed: it can't be read.
ExitCode explain_flag(const ExplainOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace readback::guard
