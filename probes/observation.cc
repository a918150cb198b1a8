#include "probes/observation.h"

namespace readback::probes {

std::string_view to_string(Arm arm) {
  return arm == Arm::treatment ? "treatment" : "control";
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "ok";
    case Outcome::fail:
      return "fail";
    case Outcome::info:
      break;
  }
  return "info";
}

}  // namespace readback::probes
