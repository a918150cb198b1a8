#pragma once

#include <iosfwd>
#include <string>

#include "guard/command/exit_code.h"

// What people ask of a running guard over its Unix socket, but for `guard rollback`
// (guard/command/rollback.h), which also works without one. With `as_json` a command prints the
// daemon's answer as it is: guard/status.h, guard/server/admin.h.
//
// All: kUnreachable if the guard is not there or gives no answer; kRefused if this user may not ask
// it, which root, its own user and its group may.

namespace readback::guard {

struct OperateOptions {
  std::string state;  // --state DIR, or empty: guard/state_directory.h
  bool as_json = false;
};

// `guard status [FLAG]`. Of a guard that is not running it tells what its state directory holds.
// kRefused if there is no such flag.
ExitCode show_status(const OperateOptions& options, const std::string& flag, std::ostream& out,
                     std::ostream& errors);

struct CommandOptions {
  std::string command;  // start, pause, resume, finish, rearm
  std::string flag;
  std::string by;
  std::string reason;
  bool same_build = false;
};

// kOk once it is done and on disk; kNotDurable if it could not be written, and so was not done;
// kRefused with the reason; kUsage for words that nobody could understand.
ExitCode command(const OperateOptions& options, const CommandOptions& asked, std::ostream& out,
                 std::ostream& errors);

// `guard reload`: kConfigInvalid with every fault; the config before it stays.
ExitCode reload(const OperateOptions& options, std::ostream& out, std::ostream& errors);

// `guard exposures FLAG`: each practitioner who was served treatment. Read from the store if the
// guard is not running or hung, since that is when it may be needed most.
ExitCode show_exposures(const OperateOptions& options, const std::string& flag, std::ostream& out,
                        std::ostream& errors);

}  // namespace readback::guard
