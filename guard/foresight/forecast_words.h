#pragma once

#include <optional>
#include <string>

#include "guard/foresight/forecast.h"

// Numbers of a forecast as people read them, for its text and its picture.

namespace readback::guard::foresight {

// "3.4 s", "2.1 min", "5.0 h", "3.2 d".
std::string time_words(double seconds);
// "1.3 %".
std::string percent_words(double share);
// "0.4", "25", "12,300".
std::string count_words(double count);
std::string onset_words(Onset onset, const Assumptions& assumed);
// What was assumed, and what was played, a sentence each.
std::string assumption_words(const Forecast& forecast);
std::string playing_words(const Forecast& forecast);
// What came of the harmless flag, as one sentence.
std::string harmless_words(const Forecast& forecast);

}  // namespace readback::guard::foresight
