#pragma once

#include <iosfwd>
#include <string>

#include "guard/command/exit_code.h"

// `guard run`: the daemon. Everything real is built here and nowhere else: sockets, signals, the
// system's clock and entropy, files.

namespace readback::guard {

struct RunOptions {
  std::string config;
  std::string state;  // --state DIR, or empty: guard/state_directory.h
  bool as_json = false;
};

// Runs until SIGTERM or SIGINT; SIGHUP reloads. Log lines go to `log`, one a line (run_log.h:
// fault, failed, listening, reload, record, ending), without note text, token or secret.
// kConfigInvalid: with every fault, before anything is touched. kFailed: it cannot listen, or
// another guard has the state directory.
ExitCode run(const RunOptions& options, std::ostream& log);

}  // namespace readback::guard
