#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "guard/evidence/options.h"

// The config's "evidence" of one flag: what is not said has its default, and the numbers must fit
// each other. Pure.

namespace readback::guard {

struct ConfiguredEvidence {
  EvidenceOptions options;
  std::vector<std::pair<std::string, std::string>> refused;  // key, and what was expected
};

// `json` has the schema's shape; null if nothing is said.
ConfiguredEvidence configured_evidence(const nlohmann::json* json);

}  // namespace readback::guard
