#include "guard/void_reason.h"

#include <cstddef>

namespace readback::guard {

std::string_view to_string(VoidReason reason) {
  constexpr std::string_view kNames[] = {"guard_late",    "forgotten", "not_asked",
                                         "other_variant", "not_whole", "answered_late",
                                         "other_path"};
  static_assert(std::size(kNames) == kVoidReasons.size());
  return kNames[static_cast<std::size_t>(reason)];
}

std::string_view words_of(VoidReason reason) {
  constexpr std::string_view kWords[] = {
      "the guard itself was late",
      "there were more evaluations than the guard remembers",
      "the application never asked for the flag during the write",
      "the application was answered with the other variant",
      "an evaluation was not answered whole",
      "an evaluation was answered late",
      "the application took another path than the arm's"};
  static_assert(std::size(kWords) == kVoidReasons.size());
  return kWords[static_cast<std::size_t>(reason)];
}

}  // namespace readback::guard
