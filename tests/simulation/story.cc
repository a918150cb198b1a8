#include "tests/simulation/story.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "guard/bounds.h"
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

const flags::Rollout& rollout_of(const House& house) {
  return *house.configuration().guarded.front().flag.rollout;
}

}  // namespace

std::string only_synthetic_records_are_touched(const House& house) {
  const std::string& stranger = house.application().stranger();
  return stranger.empty() ? "" : "a request was about " + stranger;
}

std::string evidence_is_as_old_as_the_start_of_its_write(const House& house) {
  if (house.guard() == nullptr) return "";
  const flags::Exposure exposure = exposure_of(*house.guard());
  if (exposure.mode != Mode::leased) return "";
  const TimePoint began(exposure.lease.evidence_began.boot);
  if (house.application().write_starts().contains(began)) return "";
  return "no write began when the evidence is said to have begun";
}

std::string an_acknowledged_revert_holds(const House& house) {
  const auto acknowledged = house.acknowledged(Command::Kind::revert);
  if (!acknowledged) return "";
  if (house.last_served() > *acknowledged) return "treatment was served after a revert";
  if (house.state() == nullptr || house.state()->phase == Phase::latched) return "";
  return "an acknowledged revert was lost";
}

std::string an_acknowledged_pause_holds(const House& house) {
  const auto acknowledged = house.acknowledged(Command::Kind::pause);
  if (!acknowledged) return "";
  if (house.last_served() > *acknowledged) return "treatment was served in spite of a pause";
  const guard::State* const state = house.state();
  if (state == nullptr || state->phase == Phase::latched || !state->is_store_well) return "";
  return state->pause ? "" : "an acknowledged pause was lost";
}

std::string a_suspect_flag_is_not_served(const House& house) {
  if (house.state() == nullptr || house.state()->phase == Phase::finished) return "";
  if (house.state()->harm.finding() == guard::Harm::Finding::none) return "";
  return exposure_of(*house.guard()).mode == Mode::safe ? "" : "a suspect flag is served";
}

std::string no_treatment_outlives_its_evidence(const House& house) {
  if (!house.broken_since()) return "";
  const TimePoint latest = *house.broken_since() + rollout_of(house).max_evidence_age;
  return house.last_used() > latest ? "treatment was used without evidence" : "";
}

std::string a_fault_is_noticed_in_time(const House& house) {
  if (!house.broken_since()) return "";
  // Until exposure ends, not the last commit; the decider looks at each event at once.
  const guard::Delays delays{250ms, 0ms, 0ms, 0ms, 0ms};
  const guard::Bounds bounds =
      derive_bounds(rollout_of(house), house.configuration().guarded.front().plan, delays);
  if (house.last_served() > *house.broken_since() + bounds.pause)
    return "treatment was served after E_pause";
  if (house.now() <= *house.broken_since() + bounds.latch) return "";
  if (house.state() == nullptr || house.state()->phase == Phase::latched) return "";
  return "it is not latched after E_latch";
}

Story::Story(HouseOptions options, std::vector<Invariant> more)
    : options_(options),
      house_(options),
      invariants_{only_synthetic_records_are_touched, evidence_is_as_old_as_the_start_of_its_write,
                  an_acknowledged_revert_holds, an_acknowledged_pause_holds,
                  a_suspect_flag_is_not_served} {
  invariants_.insert(invariants_.end(), more.begin(), more.end());
  house_.start();
}

Duration Story::some_time(Duration longest) {
  const auto bound = static_cast<std::uint64_t>(longest.count());
  return Duration(static_cast<std::int64_t>(house_.world().random()() % (bound + 1)));
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
  house_.note();
  for (const Invariant holds : invariants_) {
    const std::string why = holds(house_);
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
