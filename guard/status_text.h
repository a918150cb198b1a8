#pragma once

#include <nlohmann/json.hpp>
#include <string>

// The words of a status (guard/status.h) for a terminal at three in the morning: what is served to
// whom, why not more, what clients may still hold, what the probes do not see. The last line is
// the next command to run, ready to be copied. Pure.

namespace readback::guard {

// Of all flags, or of `flag` alone, which the report must have. Throws nlohmann::json::exception on
// what is no status.
std::string status_text(const nlohmann::json& report, const std::string& flag = "");

// "12 s", "3 min", "2 h", rounded down: how long ago, or until when, for people.
std::string about(double seconds);

// "no client can hold treatment any more", or until when one can, at the latest. `until_ms`: null
// or wall milliseconds.
std::string holding(const nlohmann::json& until_ms, std::chrono::milliseconds now);

}  // namespace readback::guard
