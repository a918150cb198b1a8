#include "guard/foresight/forecast_words.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace readback::guard::foresight {
namespace {

std::string printed(const char* format, double number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, number);
  return text.data();
}

}  // namespace

std::string time_words(double seconds) {
  if (seconds < 100) return printed("%.1f s", seconds);
  if (seconds < 100 * 60) return printed("%.1f min", seconds / 60);
  if (seconds < 100 * 3'600) return printed("%.1f h", seconds / 3'600);
  return printed("%.1f d", seconds / 86'400);
}

std::string percent_words(double share) {
  return printed("%.3g", 100 * share) + " %";
}

std::string count_words(double count) {
  if (count < 10) return printed("%.1f", count);
  std::string text = printed("%.0f", count);
  for (std::size_t place = text.size(); place > 3;) text.insert(place -= 3, ",");
  return text;
}

std::string onset_words(Onset onset, const Assumptions& assumed) {
  if (onset == Onset::early) return "1 min";
  return std::to_string(assumed.healthy.count()) + " h";
}

std::string assumption_words(const Forecast& forecast) {
  const Assumptions& assumed = forecast.assumed;
  return "Assumed: " + count_words(static_cast<double>(assumed.practitioners)) +
         " practitioners, each of whom writes " + count_words(assumed.writes_per_hour) +
         " notes an hour; the application answers a probe in " +
         std::to_string(assumed.answer.count()) + " ms.";
}

std::string playing_words(const Forecast& forecast) {
  return count_words(static_cast<double>(forecast.playing.rollouts)) +
         " rollouts of each row, by the guard's own decisions; seed " +
         std::to_string(forecast.playing.seed) + ".";
}

std::string harmless_words(const Forecast& forecast) {
  const WellForecast& well = forecast.well;
  const auto chance = [](const Proportion& found) {
    return std::to_string(found.count) + " of " + std::to_string(found.of) + " (" +
           percent_words(found.least) + " to " + percent_words(found.most) + " with 95 %)";
  };
  return "Reverted falsely " + chance(well.false_reverts) + ", paused " + chance(well.with_pauses) +
         ", where the platform loses " + printed("%g", well.noise) +
         " of the writes of both arms for " +
         time_words(std::chrono::duration<double>(well.played).count()) +
         "; stated: reverted with at most " +
         printed("%g", forecast.evidence.false_revert_probability) + " within " +
         count_words(static_cast<double>(forecast.evidence.horizon_probes)) + " probes.";
}

}  // namespace readback::guard::foresight
