#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

// What a running guard knows of the clients that hold a flag's treatment (guard/holder_words.h),
// for after a revert. Blocks.

namespace readback::guard {

// Asks the guard at `socket` again and again until all have confirmed, for at most `patience`, and
// gives the last answer. Null if the guard gave none.
nlohmann::json read_clients(const std::string& socket, const std::string& flag,
                            std::chrono::milliseconds patience);

}  // namespace readback::guard
