#pragma once

#include <string>

#include "configs/demo/sqlite.h"

namespace demo::notes {

// Opens the service's database and makes the tables that are missing.
//
// A note lies in three places, and each serves reads of its own: `visits` (record and list),
// `revisions` (history) and the full-text table `search`. A commit survives the end of the
// process; after a loss of power the last ones may be missing (WAL without a sync a commit).
Database open_database(const std::string& file);

}  // namespace demo::notes
