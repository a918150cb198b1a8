#pragma once

#include <chrono>
#include <string>

namespace readback::guard {

// "2026-01-31 04:05:06Z", the second rounded down: one notation for every place at which on-call
// reads a time, since people compare them. `time` counts from 1970-01-01 UTC, and is not before it.
std::string utc(std::chrono::milliseconds time);

}  // namespace readback::guard
