#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace readback {

// How `body` breaks the schema of OFREP's own file, tests/ofrep/openapi.yaml with the corrections
// beside it, or the stricter one of tests/ofrep/interop.json, which holds what the official
// providers need beyond the specification. Empty if it is right.
//
// `what` is "one" (200 for one flag), "bulk" (200 for all), "refused" (400 for one), "refused all"
// (400 for all) or "not found" (404).
std::string violations(const nlohmann::json& body, const std::string& what);

}  // namespace readback
