#include "guard/utc.h"

#include <array>
#include <cstdio>

namespace readback::guard {

std::string utc(std::chrono::milliseconds time) {
  const std::chrono::sys_time<std::chrono::seconds> moment(
      std::chrono::floor<std::chrono::seconds>(time));
  const auto midnight = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day day(midnight);
  const std::chrono::hh_mm_ss clock(moment - midnight);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02ld:%02ld:%02ldZ",
                static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                static_cast<unsigned>(day.day()), static_cast<long>(clock.hours().count()),
                static_cast<long>(clock.minutes().count()),
                static_cast<long>(clock.seconds().count()));
  return text.data();
}

}  // namespace readback::guard
