#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "probes/plan.h"

// What a plan does not cover, as `guard validate` and `guard status` tell it.

namespace readback::guard {

// {"payload_classes", "fields", "unread", "cannot_fail", "tolerated", "not_required",
//  "path_unnamed", "journeys_without_interference": lists of probes::NotCovered, "after_ms"}
nlohmann::json not_covered_json(const probes::Plan& plan);

// The same for people, a clause each, the longest delay last.
std::vector<std::string> not_covered_words(const nlohmann::json& not_covered);

}  // namespace readback::guard
