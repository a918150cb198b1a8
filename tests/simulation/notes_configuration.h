#pragma once

#include <string>

#include "guard/configuration.h"

namespace readback::simulation {

inline constexpr const char* kFlag = "notes-editor-v2";

// A guard of one flag in three steps, and the plan that guards it: two journeys, one of which
// shares a document; two fields; re-reads at 0 s, 2 s and 8 s. Requires that it is right.
guard::Configuration notes_configuration();

}  // namespace readback::simulation
