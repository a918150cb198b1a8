#pragma once

#include <iosfwd>
#include <string>

#include "guard/command/exit_code.h"

// `guard audit verify` walks the ledger's chain, `guard audit show` prints its newest entries. Both
// only read, and work while the daemon writes, or hangs.

namespace readback::guard {

struct AuditOptions {
  std::string state{};  // --state DIR, or empty: guard/state_directory.h
  bool json = false;
  std::string expect{};  // --expect HASH: noted at an earlier time; must be some entry's. Or empty.
  unsigned last = 20;    // of show: so many entries at most
};

// kOk: the chain is whole. kFailed: it is broken, no entry has the expected hash, or it can't be
// read.
// With --json one object: {"entries": N, "last_hash": HEX, "is_whole": BOOL, "broken_row": N|null,
// "problem": TEXT|null}.
ExitCode verify_audit(const AuditOptions& options, std::ostream& out, std::ostream& errors);

// kOk, or kFailed: it can't be read. Oldest first. With --json a list of {"number", "at_ms",
// "flag", "kind", "by", "reason"}.
ExitCode show_audit(const AuditOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace readback::guard
