#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "configs/demo/load/ledger.h"

// The count of what was lost: the ledger held against what the service really stores.

namespace demo::load {

// A note is one field of one visit. It is acknowledged if any save of it was, and lost if what is
// stored is neither the text that was acknowledged last nor one that was sent after that and never
// answered. Reads the service's database, `file`, without writing to it; enters each lost note in
// the ledger, and returns
//
//   {"acknowledged_notes": N, "acknowledged_by_path": {"old": N, "new": N},
//    "lost_notes": N, "lost_by_path": {"old": N, "new": N}, "lost_with_shared_document": N,
//    "first_lost_ms": T, "last_lost_ms": T, "first_lost": {"visit", "field", "practitioner"},
//    "practitioners_hit": N}
//
// where a note's path and time (that of its save's start) are those of its last acknowledged save.
// Without `file` nothing is known of losses, and what tells of them is null.
nlohmann::json audit(Ledger& ledger, const std::string& file);

}  // namespace demo::load
