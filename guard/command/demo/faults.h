#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What each fault of the notes service has to lead to: the claims that the demo checks.

namespace readback::guard::demo {

enum class Ending {
  advances,         // nothing is wrong: through all steps
  reverts,          // latched, the flag is to blame
  blames_platform,  // paused, nothing latched
  keeps_treatment,  // control alone loses: alarm, treatment stays
  lapses,           // no answers: the lease ends, nobody is blamed
};

struct PlayedFault {
  std::string name;  // as the notes service takes it, with a default argument
  Ending ending = Ending::reverts;
  // Of the loss that is found, one of these; empty: none is.
  std::vector<std::string> loss_classes;
  std::string story;  // one line for the person who watches
};

const std::vector<PlayedFault>& faults();

// The fault called `name`, with its own argument if `name` has one ("truncate:20"); nothing if
// there is none of that name.
std::optional<PlayedFault> find_fault(std::string_view name);

}  // namespace readback::guard::demo
