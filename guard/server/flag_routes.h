#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "guard/server/route.h"

namespace readback::guard::server {

// GET /readback/v1/flags/KEY, with the token of OFREP: what an application that keeps drafts asks,
// also of a flag that was reverted, whose answers carry nothing.
//
//   {"flag", "provenUntilMs": null | ..., "isReverted", "generation"}
//
// 404 if there is no such guarded flag. `describe` gives the body, or null for that.
Route flag_state(std::function<nlohmann::json(const std::string& flag)> describe);

}  // namespace readback::guard::server
