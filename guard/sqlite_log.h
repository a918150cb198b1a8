#pragma once

#include <string>

#include "guard/result.h"

// A sync that fails may leave pages of SQLite's log in the page cache, clean though they never
// reached the disk ("fsyncgate", R. Craig, 2018). A later process would read commits there that a
// power cut takes away again, and halfway through a checkpoint that mixes old pages with new ones:
// measured on the simulated disk, one run in 800 could then not be opened any more.

namespace readback::guard {

// Writes the log of the database at `path`, if there is one, once more as it is read, and syncs it.
// Call it before the database is opened to be written, by the only process that writes.
Result<void> rewrite_log(const std::string& path, const std::string& vfs);

}  // namespace readback::guard
