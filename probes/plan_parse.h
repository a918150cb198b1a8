#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "probes/plan.h"
#include "probes/result.h"

namespace readback::probes {

// Reads a plan, or says everything that is wrong with it, each problem with its JSON Pointer.
// Shape (unknown keys and the nearest right one) is the schema's business, so this one says what
// only the meaning tells; but it takes any JSON without a crash, and refuses what it cannot use.
//
// Refused: a missing `end: readback` (a truncated file), unknown fields, payload classes, loss
// classes and placeholders, captures that come later than their use, reads before the last write, a
// write step without its text or without a condition on its body, duplicate names, a clean-up that
// names nothing the walk made, a round deadline shorter than a round, nothing required that can
// fail, and a list of practitioners too short for the overlap. Whether the secrets are there is
// check_secrets()'s.
//
// A secret's relative file name is taken from `directory`, the plan's own.
std::optional<Plan> parse_plan(const nlohmann::json& document, std::vector<Problem>& problems,
                               const std::filesystem::path& directory = {});

// Reads every secret once; a problem for each that cannot be read, or is another practitioner's.
void check_secrets(const Plan& plan, std::vector<Problem>& problems);

}  // namespace readback::probes
