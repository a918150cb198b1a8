#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "guard/result.h"
#include "guard/state_directory.h"

// What a state directory tells of a guard that is not running. Reads only.

namespace readback::guard {

// {"running": false, "served": "code default", "latch_damage": TEXT, "flags": [{"flag", "latched",
// "is_readable", "when_ms", "who", "cause", "reason", "build", "held_until_ms"}]}: the flags of the
// last run and of the latch file, or `flag` alone.
nlohmann::json offline_status(const StateDirectory& directory, const std::string& flag);
std::string offline_text(const nlohmann::json& status);

// As GET /exposures/FLAG (guard/server/admin.h), from the database; "is_full" is false.
Result<nlohmann::json> stored_exposures(const StateDirectory& directory, const std::string& flag);

}  // namespace readback::guard
