#include "tests/simulation/story.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/simulation/notes_configuration.h"

namespace readback::simulation {
using guard::Command;
using guard::Phase;
using Mode = flags::Exposure::Mode;
using namespace std::chrono_literals;

namespace {

flags::Exposure exposure_of(const guard::Guard& guard) {
  const auto snapshot = guard.publisher().current();
  const auto found = snapshot->exposures.find(kFlag);
  return found == snapshot->exposures.end() ? flags::Exposure() : found->second;
}

}  // namespace

Story::Story(HouseOptions options) : options_(options), house_(options) {
  for (Invariant& invariant : invariants(house_)) house_.look_on(std::move(invariant));
  // What a lossy network hides is not seen in time.
  house_.be_disturbed(options.network.lost > 0);
  house_.start();
}

void Story::draw_next_crash() {
  if (!crashes_apart_ || next_start_ || next_crash_) return;
  next_crash_ = house_.now() + some_time(2 * *crashes_apart_);
}

void Story::crash(bool is_power_cut) {
  house_.crash(is_power_cut);
  next_crash_.reset();
  next_start_ = house_.now() + some_time(2s);
}

void Story::step() {
  draw_next_crash();
  if (next_crash_ && house_.now() >= *next_crash_) crash(house_.world().random()() % 2 == 0);
  if (next_start_ && house_.now() >= *next_start_) {
    next_start_.reset();
    house_.start();
  }
  house_.step();
  for (const Invariant& invariant : house_.onlookers()) {
    const std::string& why = invariant->broken();
    if (why.empty()) continue;
    broken_ = why + "; seed " + std::to_string(options_.seed) + ", step " +
              std::to_string(house_.world().steps()) + ", after " +
              std::to_string(house_.now().time_since_epoch() / 1ms) + " ms";
    for (const std::string& line : house_.ledger()) broken_ += "\n  " + line;
    return;
  }
}

bool Story::until(const std::function<bool()>& is_reached, Duration at_most) {
  const TimePoint end = house_.now() + at_most;
  while (broken_.empty() && house_.now() < end) {
    if (is_reached()) return true;
    step();
  }
  return false;
}

void Story::pass(Duration time) {
  until([] { return false; }, time);
}

bool Story::is_latched() const {
  return house_.state() != nullptr && house_.state()->phase == Phase::latched;
}

bool Story::serves() const {
  if (house_.guard() == nullptr) return false;
  const flags::Exposure exposure = exposure_of(*house_.guard());
  return exposure.mode == Mode::leased && exposure.lease.holds(house_.guard()->clock().moment());
}

guard::Harm::Finding Story::finding() const {
  return house_.state() == nullptr ? guard::Harm::Finding::none : house_.state()->harm.finding();
}

bool Story::until_exposed(Duration at_most) {
  std::optional<TimePoint> asked;
  const auto is_exposed = [&] {
    const guard::State* const state = house_.state();
    const bool is_to_start = state != nullptr && state->phase == Phase::waiting;
    if (is_to_start && (!asked || house_.now() > *asked + 1s)) {
      house_.command(Command::Kind::start);
      asked = house_.now();
    }
    return house_.last_served() != TimePoint();
  };
  return until(is_exposed, at_most);
}

}  // namespace readback::simulation
