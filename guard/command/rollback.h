#pragma once

#include <iosfwd>
#include <string>

#include "guard/command/exit_code.h"

// `guard rollback`: a person reverts a flag, or all of them. Needs no config and no running guard:
// guard/command/revert_anyhow.h says what it does to one that is well, hung or gone, with a full
// disk, in every phase, finished included. Doing it twice is no failure.

namespace readback::guard {

struct RollbackOptions {
  std::string state;    // --state DIR, or empty: guard/state_directory.h
  std::string flag;     // empty iff is_all
  bool is_all = false;  // every flag of the last run and of the latch file
  std::string by;       // empty: the login name of the caller
  std::string reason;
  bool as_json = false;
};

// kOk: every one is on disk and no guard serves treatment. Else the first of what follows that is
// true of one of them: kFailed (a guard lives on that could not be asked, or treatment is still
// served), kNotDurable (not on disk), kRefused (no such flag, or not for this user). kUnreachable:
// no state directory.
//
// With --json one object: {"ok", "flags": [{"flag", "exit_code", "durable", "guard": up|hung|down,
// "killed", "served": {"variant", "reason", "is_treatment"} | null, "held_until_ms", "words":
// []}]}. held_until_ms: the latest moment at which any client can still hold treatment; null if M
// is not known.
ExitCode roll_back(const RollbackOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace readback::guard
