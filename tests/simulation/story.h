#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/house.h"

// One seed's run of a house, in which each invariant is checked after every step.

namespace readback::simulation {

// What is broken, in words; empty while it holds.
using Invariant = std::string (*)(const House&);

// Hold in every story.
std::string only_synthetic_records_are_touched(const House& house);
std::string evidence_is_as_old_as_the_start_of_its_write(const House& house);
std::string an_acknowledged_revert_holds(const House& house);
std::string an_acknowledged_pause_holds(const House& house);
std::string a_suspect_flag_is_not_served(const House& house);

// Hold where the fault breaks every write of treatment in some required stream.
std::string no_treatment_outlives_its_evidence(const House& house);
std::string a_fault_is_noticed_in_time(const House& house);  // by a guard that is up and hears all

class Story {
 public:
  explicit Story(HouseOptions options, std::vector<Invariant> more = {});

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
  Duration some_time(Duration longest);  // drawn from the seed
  // Empty if nothing broke; else what did, with seed, step and the ledger.
  const std::string& broken() const { return broken_; }

 private:
  void step();
  void draw_next_crash();

  HouseOptions options_;
  House house_;
  std::vector<Invariant> invariants_;
  std::optional<Duration> crashes_apart_;
  std::optional<TimePoint> next_crash_;
  std::optional<TimePoint> next_start_;
  std::string broken_;
};

}  // namespace readback::simulation
