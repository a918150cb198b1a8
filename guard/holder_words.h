#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "guard/clock.h"
#include "guard/holders.h"

// What is known of the clients of one flag, as status and rollback show it.

namespace readback::guard {

// {"holding", "unconfirmed", "confirmed", "lapsed", "until_ms"}: guard/holders.h; until_ms is null
// if nobody is holding or unconfirmed.
nlohmann::json to_json(const Holders::Tally& tally);

// Of the above, for people: who still holds treatment, who confirmed, and when the lease ends the
// rest.
std::string holder_words(const nlohmann::json& clients, WallTime now);

// Nobody is known to hold treatment that has not been told, or has not confirmed.
bool are_all_confirmed(const nlohmann::json& clients);

}  // namespace readback::guard
