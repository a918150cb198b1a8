#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "flags/flag.h"
#include "flags/result.h"

// A flag as JSON, or YAML read to JSON:
//
//   key: notes-editor-v2
//   owner: team-notes
//   build: 4f2c9ab                   # what is deployed: commit or image digest
//   variants: {new: true, old: false}
//   safe: old
//   treatment: new
//   rollout:                         # without it the flag is unguarded: everybody gets `safe`
//     by: practitioner               # or practice
//     who:                           # without it: everybody
//       attributes: {speciality: [gp, midwife]}
//       practitioners: [p-17]
//     steps:
//       - {share: 1.3 %, minimum_time: 20 min, minimum_evidence: 30}
//       - {share: 100 %, minimum_time: 1 d, minimum_evidence: 100}
//     bake: 7 d
//     max_evidence_age: 60 s

namespace readback::flags {

// A step that is finer takes in nobody whom one could count on.
inline constexpr Share kSmallestStep{100};  // 0.01 %

// Reads a flag, or adds everything that is wrong with it to `problems`, each with its JSON Pointer
// below `where`. Takes any JSON. Keys that it doesn't know are none of its business: the schema
// refuses them.
//
// Refused, beside what has the wrong type: a key other than [A-Za-z0-9._-]+ (at most 100 bytes), an
// empty owner or build, a build over 128 bytes (the latch keeps that many), values of different
// types, `safe` or `treatment` that is no variant, the two being one, shares that do not grow or
// are under 0.01 %, a step without evidence, attributes without values.
std::optional<Flag> parse_flag(const nlohmann::json& json, const std::string& where,
                               std::vector<Problem>& problems);

}  // namespace readback::flags
