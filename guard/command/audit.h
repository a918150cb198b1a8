#pragma once

#include <iosfwd>
#include <string>

#include "guard/command/exit_code.h"

// `guard audit verify`: walks the ledger's chain. Reads only, and works while the daemon writes.

namespace readback::guard {

struct AuditOptions {
  std::string state{};  // --state DIR, or empty: guard/state_directory.h
  bool json = false;
  std::string expect{};  // --expect HASH: noted at an earlier time; must be some entry's. Or empty.
};

// kOk: the chain is whole. kFailed: it is broken, no entry has the expected hash, or it can't be
// read.
// With --json one object: {"entries": N, "last_hash": HEX, "is_whole": BOOL, "broken_row": N|null,
// "problem": TEXT|null}.
ExitCode verify_audit(const AuditOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace readback::guard
