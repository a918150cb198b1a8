#include "flags/duration.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace readback::flags {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr Unit kUnits[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000}, {"s", 1'000}, {"ms", 1}};
constexpr std::int64_t kLongest = 366 * kUnits[0].milliseconds;

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::int64_t number = -1;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  // 0045 is 45 to one reader and 37 to another.
  const bool is_octal = text.starts_with('0') && stop - text.data() > 1;
  if (error == std::errc() && number >= 0 && !text.starts_with('-') && !is_octal) {
    std::string_view unit(stop, static_cast<std::size_t>(end - stop));
    unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
    for (const auto& [name, milliseconds] : kUnits) {
      if (unit != name) continue;
      if (number > kLongest / milliseconds) return Problem{"", "expected at most 366 d"};
      return std::chrono::milliseconds(number * milliseconds);
    }
  }
  return Problem{"",
                 "expected a duration such as \"250 ms\", \"5 s\", \"10 min\", \"1 h\" or \"7 d\""};
}

std::string format_duration(std::chrono::milliseconds time) {
  if (time.count() == 0) return "0 s";
  for (const auto& [name, milliseconds] : kUnits) {
    if (time.count() % milliseconds != 0) continue;
    return std::to_string(time.count() / milliseconds) + " " + std::string(name);
  }
  return std::to_string(time.count()) + " ms";
}

}  // namespace readback::flags
