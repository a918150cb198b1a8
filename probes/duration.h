#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "probes/result.h"

// Durations as a plan writes them: "250 ms", "2 s", "5 min", "1 h", "30 d".

namespace readback::probes {

// A whole number from 0, blanks or none, and one of the units ms, s, min, h, d; at most 366 days.
// Fails, with an empty `where`, on anything else: "2" without a unit is a guess.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

// The same notation, in the largest unit that tells it exactly.
std::string format_duration(std::chrono::milliseconds time);

}  // namespace readback::probes
