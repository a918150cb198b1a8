#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "guard/bounds.h"
#include "guard/configuration.h"
#include "guard/foresight/scenarios.h"
#include "guard/foresight/setting.h"
#include "guard/foresight/spread.h"

// What a config would do, before a rollout starts: thousands of rollouts of each scenario, played
// ahead by the guard's own decisions (guard/foresight/rehearsal.h).
//
// The same seed gives the same forecast, on however many threads.

namespace readback::guard::foresight {

struct Playing {
  std::uint64_t rollouts = 1'000;  // of each scenario
  std::uint64_t seed = 1;
  unsigned threads = 1;
};

// When something goes wrong: a minute after the first practitioner was exposed, or after a healthy
// time.
enum class Onset { early, late };

struct LossForecast {
  Scenario scenario;
  Onset onset = Onset::early;
  double share = 0;  // of practitioners who were exposed when it began
  std::uint64_t paused = 0;
  std::uint64_t reverted = 0;
  std::uint64_t flag_named = 0;  // as what is to blame, of those that were reverted
  // Seconds after the loss began, in all rollouts.
  Spread pause;
  Spread revert;
  // Writes of exposed practitioners after the loss began, until the last of them is safe.
  Spread writes_at_risk;
};

struct GuardDeathForecast {
  Onset onset = Onset::early;
  double share = 0;
  Spread held;  // seconds until nobody has treatment any more
  Spread writes_at_risk;
};

struct WellForecast {
  double noise = 0;               // writes of either arm that the platform loses
  std::chrono::seconds played{};  // each, at least
  std::vector<Spread> steps;      // seconds until it is first served
  Proportion false_reverts;
  Proportion with_pauses;  // in which exposure was withdrawn at least once
};

// Requests per second to the application, on average.
struct LoadForecast {
  double steady = 0;
  double watched = 0;    // at most, while half of the probes go to what had failed
  double repeating = 0;  // from a total loss to the revert, in 99 of 100 rollouts at most
};

struct Forecast {
  std::string flag;
  std::string plan_path;
  std::vector<flags::Step> rollout;
  Assumptions assumed;
  Playing playing;
  EvidenceOptions evidence;
  Bounds bounds;
  LoadForecast load;
  std::vector<LossForecast> losses;
  std::vector<GuardDeathForecast> deaths;
  WellForecast well;
  std::vector<Unseen> unseen;
  std::uint64_t rollouts = 0;  // that were played, all scenarios together
};

Forecast foresee(const Configuration& configuration, const Guarded& guarded,
                 const Assumptions& assumed, const Playing& playing);

// For people; for programs (times in seconds); as a picture (SVG 1.1).
std::string to_text(const Forecast& forecast);
nlohmann::json to_json(const Forecast& forecast);
std::string to_picture(const Forecast& forecast);

}  // namespace readback::guard::foresight
