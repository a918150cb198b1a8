#pragma once

#include <array>
#include <string_view>

// Why an arm of a block was not what it should be, and so is no evidence of anything.

namespace readback::guard {

enum class VoidReason {
  guard_late,     // the event loop was late during the write: nobody knows who was answered when
  forgotten,      // more evaluations than the witness remembers
  not_asked,      // the application did not ask for the flag during the write
  other_variant,  // it was answered with the other arm's variant
  not_whole,      // an answer was not sent, or the connection broke
  answered_late,  // an answer took more than answer_within
  other_path,     // the application names its path, and it is not the arm's
};

inline constexpr std::array kVoidReasons = {VoidReason::guard_late, VoidReason::forgotten,
                                            VoidReason::not_asked,  VoidReason::other_variant,
                                            VoidReason::not_whole,  VoidReason::answered_late,
                                            VoidReason::other_path};

// The label of metrics and JSON, as above; never changes.
std::string_view to_string(VoidReason reason);
// One clause for people.
std::string_view words_of(VoidReason reason);

}  // namespace readback::guard
