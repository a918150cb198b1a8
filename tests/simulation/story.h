#pragma once

#include <functional>
#include <optional>
#include <string>

#include "tests/simulation/invariants.h"

// A house in which one thing happens after another, as a test says, and every invariant holds after
// each step.

namespace readback::simulation {

class Story {
 public:
  explicit Story(HouseOptions options);

  // Runs until `is_reached`. False if that took longer than `at_most`, or something broke.
  bool until(const std::function<bool()>& is_reached, Duration at_most);
  void pass(Duration time);
  // Runs until the guard serves, the rollout is started and treatment was served to somebody.
  bool until_exposed(Duration at_most = std::chrono::seconds(60));

  // From now on the guard crashes at random times, on average so far apart, and is started again.
  void crash_now_and_then(Duration apart) { crashes_apart_ = apart; }
  // One crash, and a start within 2 s.
  void crash(bool is_power_cut);

  House& house() { return house_; }
  const House& house() const { return house_; }
  // Each false, or none, while the guard is down.
  bool is_latched() const;
  bool serves() const;  // treatment to real practitioners
  guard::Harm::Finding finding() const;
  Duration some_time(Duration longest) { return house_.world().some_time(longest); }
  // Empty if nothing broke; else what did, with seed, step and the ledger.
  const std::string& broken() const { return broken_; }

 private:
  void step();
  void draw_next_crash();

  HouseOptions options_;
  House house_;
  std::optional<Duration> crashes_apart_;
  std::optional<TimePoint> next_crash_;
  std::optional<TimePoint> next_start_;
  std::string broken_;
};

}  // namespace readback::simulation
