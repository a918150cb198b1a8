#pragma once

#include <nlohmann/json.hpp>

#include "probes/plan.h"

namespace readback::probes {

// A small plan of two fields, with an autosave before the save, for tests: right as it is.
nlohmann::json sample_document();
// As parsed; `patch` is a JSON Patch (RFC 6902) on the document. Requires that it is right.
Plan sample_plan(const nlohmann::json& patch = nlohmann::json::array());

}  // namespace readback::probes
