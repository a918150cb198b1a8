#include "tests/simulation/trial.h"

#include <algorithm>
#include <iostream>

#include "guard/sqlite_database.h"
#include "tests/simulation/invariants.h"
#include "tests/simulation/notes_configuration.h"

namespace readback::simulation {
namespace {

using guard::Phase;
using Kind = guard::Command::Kind;
using namespace std::chrono_literals;

HouseOptions options_of(std::uint64_t seed, const Script& script, Plant plant, bool is_verbose) {
  HouseOptions options;
  options.seed = seed;
  options.network = script.network;
  options.longest_disk_call = script.longest_disk_call;
  options.plant = plant;
  options.is_verbose = is_verbose;
  return options;
}

class Trial {
 public:
  Trial(std::uint64_t seed, Plant plant, bool is_verbose)
      : seed_(seed),
        script_(draw_script(seed)),
        house_(options_of(seed, script_, plant, is_verbose)) {
    for (Invariant& invariant : invariants(house_)) house_.look_on(std::move(invariant));
    house_.start();
  }

  Verdict run() {
    verdict_ = {};
    play_safety();
    if (verdict_.broken.empty()) play_liveness();
    if (verdict_.broken.empty()) look_at_ledger();
    verdict_.steps = house_.world().steps();
    verdict_.virtual_time = house_.now().time_since_epoch();
    verdict_.trace = house_.world().trace();
    verdict_.uses = house_.uses();
    return verdict_;
  }

 private:
  bool is_broken() const { return !verdict_.broken.empty(); }

  void play_safety() {
    while (!is_broken() && house_.now() < TimePoint(script_.safety)) {
      while (next_act_ < script_.acts.size() &&
             TimePoint(script_.acts[next_act_].at) <= house_.now())
        play(script_.acts[next_act_++]);
      step();
    }
  }

  void play(const Act& act) {
    if (house_.options().is_verbose)
      std::cout << house_.now().time_since_epoch() / 1ms << " ms  act: " << act.name << "\n";
    disturbances_ += act.disturbs;
    act.play(house_);
    if (act.disturbs != 0) house_.be_disturbed(disturbances_ > 0);
  }

  // Whoever keeps services running: starts what has ended, and ends what hangs.
  void supervise() {
    if (!house_.is_up() && !next_start_)
      next_start_ = house_.now() + house_.world().some_time(is_calm_ ? 2s : 8s);
    if (next_start_ && house_.now() >= *next_start_) {
      next_start_.reset();
      if (!house_.is_up()) house_.start();
    }
    const bool hangs = house_.world().is_frozen(kGuardNode) && !house_.is_suspended();
    if (!hangs) hangs_since_.reset();
    if (hangs && !hangs_since_) hangs_since_ = house_.now();
    if (hangs && house_.now() > *hangs_since_ + house_.configuration().watchdog)
      house_.crash(false);
  }

  void step() {
    supervise();
    house_.step();
    const guard::State* const state = house_.state();
    if (state != nullptr) verdict_.step = std::max(verdict_.step, state->step);
    check_invariants();
  }

  void check_invariants() {
    for (const Invariant& invariant : house_.onlookers())
      if (!invariant->broken().empty()) return fail(invariant->broken());
  }

  void fail(const std::string& why) {
    verdict_.broken = why + "; seed " + std::to_string(seed_) + ", step " +
                      std::to_string(house_.world().steps()) + ", after " +
                      std::to_string(house_.now().time_since_epoch() / 1ms) + " ms";
    for (const std::string& line : house_.ledger()) verdict_.broken += "\n  " + line;
  }

  // All faults end.
  void calm() {
    is_calm_ = true;
    if (house_.options().is_verbose)
      std::cout << house_.now().time_since_epoch() / 1ms << " ms  all faults end\n";
    house_.resume();
    house_.clock().set_wall_error({});
    house_.probes_link() = {script_.network, script_.network};
    house_.clients_link() = {{.longest = {}}, {.longest = {}}};
    house_.application().start();
    house_.application().refuse(0);
    house_.break_with("none");
    house_.slow_answers({});
    house_.slow_disk(script_.longest_disk_call);
    house_.disk().fail_call(0);
    house_.disk().free_space();
    house_.medium().fail_call(0);
    house_.be_disturbed(false);
    const bool is_ill = house_.state() != nullptr && !house_.state()->is_store_well;
    if (is_ill) house_.stop();
  }

  bool is_served() const { return house_.last_served() > waits_since_; }
  // Nothing but a person, or a proof that takes its time, lets it be served.
  bool may_be_unserved() const {
    const guard::State* const state = house_.state();
    if (state == nullptr) return false;
    return state->phase == Phase::latched || state->phase == Phase::proving ||
           state->harm.finding() != guard::Harm::Finding::none;
  }

  void ask_for_it() {
    const guard::State* const state = house_.state();
    if (state == nullptr || house_.now() < next_asking_) return;
    next_asking_ = house_.now() + 3s;
    if (state->phase == Phase::waiting) house_.command(Kind::start);
    if (state->pause) house_.command(Kind::resume);
    // A disk that failed in the last moment, or an operator's command that it could not hold.
    if (!state->is_store_well) house_.stop();
  }

  void play_liveness() {
    calm();
    calm_since_ = waits_since_ = house_.now();
    while (!is_broken() && house_.now() < calm_since_ + kReadAgain) {
      ask_for_it();
      step();
      if (may_be_unserved()) waits_since_ = house_.now();
      if (is_broken() || is_served()) continue;
      if (house_.now() > waits_since_ + kServedAgain) fail("treatment is not served again");
    }
    if (!is_broken()) look_for_forgotten_reads();
    for (const Invariant& invariant : house_.onlookers()) invariant->closed();
    if (!is_broken()) check_invariants();
    verdict_.is_latched = house_.state() != nullptr && house_.state()->phase == Phase::latched;
  }

  void look_for_forgotten_reads() {
    // Of a guard that is up since then.
    const WallTime latest =
        house_.clock().wall() - std::chrono::duration_cast<WallTime>(kReadAgain - 10s);
    for (const auto& [id, read] : house_.pending()) {
      const bool is_read = read.task.value("kind", "") == "read";
      if (is_read && WallTime(read.task.value("due_ms", std::int64_t{0})) < latest)
        return fail("a read was forgotten");
    }
  }

  void look_at_ledger() {
    house_.crash(false);
    auto database =
        guard::SqliteDatabase::open_to_write({.path = "/state.db", .vfs = house_.disk().vfs()});
    if (database.has_error()) return fail("the ledger can't be read: " + database.error().what);
    const auto verified = (*database)->verify();
    if (verified.has_error()) return fail("the ledger can't be read: " + verified.error().what);
    if (!verified->broken.what.empty()) return fail("the chain is broken");
    if (verified->chain.count() < house_.ledger().size()) fail("the ledger is too short");
  }

  std::uint64_t seed_;
  Script script_;
  House house_;
  Verdict verdict_;
  std::size_t next_act_ = 0;
  int disturbances_ = 0;
  bool is_calm_ = false;
  TimePoint calm_since_{};
  TimePoint waits_since_{};  // for treatment to be served again
  TimePoint next_asking_{};
  std::optional<TimePoint> next_start_;
  std::optional<TimePoint> hangs_since_;
};

}  // namespace

Verdict try_seed(std::uint64_t seed, Plant plant, bool is_verbose) {
  Trial trial(seed, plant, is_verbose);
  return trial.run();
}

}  // namespace readback::simulation
