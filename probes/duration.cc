#include "probes/duration.h"

#include <charconv>
#include <cstdint>

namespace readback::probes {
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
  const auto refuse = [&] {
    return Problem{"", "'" + std::string(text.substr(0, 40)) +
                           "' is no duration: write it as 250 ms, 2 s, 5 min, 1 h or 30 d"};
  };
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  // 0045 is 45 to one reader and 37 to another.
  const bool is_octal = text.starts_with('0') && stop - text.data() > 1;
  if (error != std::errc() || number < 0 || text.starts_with('-') || is_octal) return refuse();
  std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const auto& [name, milliseconds] : kUnits) {
    if (unit != name) continue;
    if (number > kLongest / milliseconds) return Problem{"", "is over 366 days"};
    return std::chrono::milliseconds(number * milliseconds);
  }
  return refuse();
}

std::string format_duration(std::chrono::milliseconds time) {
  if (time.count() == 0) return "0 s";
  for (const auto& [name, milliseconds] : kUnits)
    if (time.count() % milliseconds == 0)
      return std::to_string(time.count() / milliseconds) + ' ' + std::string(name);
  return std::to_string(time.count()) + " ms";
}

}  // namespace readback::probes
