#pragma once

#include "guard/status.h"
#include "tests/guard/rollout_driver.h"
#include "tests/probes/plans.h"

namespace readback::guard::testing {

// A driven rollout with a flag and a plan around it, as status looks at it.
class Viewed {
 public:
  explicit Viewed(const Latch& latch = {}, const History& before = {})
      : driver(two_step_terms(), latch, before) {
    guarded.flag.key = "notes-editor-v2";
    guarded.flag.owner = "notes team";
    guarded.flag.build = "build-1";
    guarded.flag.variants = {{"old", false}, {"new", true}};
    guarded.flag.safe = "old";
    guarded.flag.treatment = "new";
    guarded.flag.rollout = two_step_terms().rollout;
    guarded.plan = probes::sample_plan();
    guarded.plan_path = "plan.yaml";
  }

  static Viewed restarted_under(const Terms& terms, const nlohmann::json& last) {
    Viewed viewed;
    viewed.driver = Driver(terms, {}, history_of(last));
    return viewed;
  }

  void start() {
    driver.command(Command::Kind::start);
    driver.healthy(1);
  }
  // To 100 %.
  void widen() {
    start();
    driver.healthy(15);
  }
  void lose(probes::Outcome controls = probes::Outcome::ok) {
    driver.pass(std::chrono::seconds(1));
    driver.block(probes::Outcome::fail, controls);
  }

  FlagView view() const { return {guarded, driver.state, counts, exposed, is_full}; }
  nlohmann::json status() const { return flag_status(view(), driver.now()); }

  Guarded guarded;
  Driver driver;
  ProbeCounts counts;
  std::size_t exposed = 0;
  bool is_full = false;
};

}  // namespace readback::guard::testing
