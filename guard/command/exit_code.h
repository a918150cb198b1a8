#pragma once

// What `guard` exits with. Scripts and runbooks rely on these numbers: they never change.

namespace readback::guard {

enum ExitCode : int {
  kOk = 0,             // done; what was claimed holds
  kFailed = 1,         // it did not work, or a claim did not hold: a loss, a broken audit chain
  kUsage = 2,          // unknown subcommand or option, a missing argument
  kConfigInvalid = 3,  // the config is wrong; every fault was printed
  kUnreachable = 4,    // the daemon is not there or gives no answer
  kRefused = 5,        // understood and refused: not allowed in this state, or not to this user
  kNotDurable = 6,     // could not be written to disk: it may be forgotten at a restart
};

}  // namespace readback::guard
