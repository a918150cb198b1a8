#pragma once

#include <string_view>

namespace readback::guard {

enum class Verdict { advance, hold, pause, revert };  // each narrower than the one before it
std::string_view to_string(Verdict verdict);

}  // namespace readback::guard
