#pragma once

#include <string>

#include "guard/status.h"

// What a person who was just woken up should type next. Pure: the runbook's first line, for each
// state that a flag can be in.

namespace readback::guard {

struct NextCommand {
  // Of all flags' next commands, that of the most urgent one is the first to run.
  enum class Urgency { none, soon, now };
  Urgency urgency = Urgency::none;
  std::string command;  // words in capitals are for the person to fill in
  std::string why;      // one clause
};

NextCommand next_command(const FlagView& view, flags::Moment now);

}  // namespace readback::guard
