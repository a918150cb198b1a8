#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "flags/result.h"

// Durations as people write them: "250 ms", "5 s", "10 min", "1 h", "7 d".

namespace readback::flags {

// A whole number from 0, blanks or none, and one of the units ms, s, min, h, d; at most 366 days.
// Fails, with an empty `where`, on anything else: "5" without a unit is a guess.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

// The same notation, in the largest unit that tells it exactly: "90 s", "2 min".
std::string format_duration(std::chrono::milliseconds time);

}  // namespace readback::flags
