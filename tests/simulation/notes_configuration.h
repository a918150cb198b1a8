#pragma once

#include <string>

#include "guard/configuration.h"

namespace readback::simulation {

inline constexpr const char* kFlag = "notes-editor-v2";

// A guard of one flag in three steps, and the plan that guards it: two journeys, one of which
// shares a document; two fields; re-reads at 0 s, 2 s and 8 s. Requires that it is right.
//
// Editions: 0 as it is; 1 of another build; 2 with shorter evidence; 3 with two steps; 4 with
// smaller shares. Each of them may replace another.
inline constexpr unsigned kEditions = 5;
guard::Configuration notes_configuration(unsigned edition = 0);

}  // namespace readback::simulation
