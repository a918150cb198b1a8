#pragma once

#include <optional>
#include <string>

#include "guard/state_directory.h"

// What an application would be told of a flag now: asked through OFREP, as it asks.

namespace readback::guard {

struct Served {
  bool is_known = false;      // false: nobody answered; `words` says why
  bool is_treatment = false;  // the answer carries a lease, as only treatment does
  std::string variant;        // empty: the guard serves no such flag; the code default is used
  std::string reason;
  std::string words;  // for a person
};

// Asks for a practitioner who does not exist, at the address and with the token of the last run.
// Waits at most 2 s.
Served read_flag(const LastRun& last_run, const std::string& flag);

}  // namespace readback::guard
