#include <algorithm>
#include <variant>

#include "guard/bounds.h"
#include "tests/simulation/invariants.h"

namespace readback::simulation {
namespace {

using guard::Phase;
using Mode = flags::Exposure::Mode;
using namespace std::chrono_literals;

class LossEndsExposure final : public Onlooker {
 public:
  explicit LossEndsExposure(const House& house) : house_(house) {
    const guard::Guarded& guarded = house.configuration().guarded.front();
    // Until exposure ends, not the last commit; the decider looks at each event at once.
    const guard::Delays delays{250ms, 0ms, 0ms, 0ms, 0ms};
    pause_ = derive_bounds(*guarded.flag.rollout, guarded.plan, delays).pause;
  }

  void stepped(const Stepped& stepped) override {
    const auto* const observed = std::get_if<guard::Observed>(&stepped.event.happening);
    if (observed == nullptr || observed->observation.is_void) return;
    if (observed->observation.arm != probes::Arm::treatment) return;
    if (observed->observation.outcome != probes::Outcome::fail) return;
    const guard::State& state = stepped.state;
    if (state.phase == Phase::finished || observed->write_began.boot <= state.harm_since.boot)
      return;
    if (stepped.decision.serve.mode != Mode::safe) breaks("a failure left the flag served");
  }

  void served(const Served& served) override {
    if (!served.is_treatment || served.is_synthetic || !house_.total_loss_since()) return;
    const guard::State* const state = house_.state();
    if (state == nullptr || state->phase == Phase::finished) return;
    if (house_.now() > *house_.total_loss_since() + pause_)
      breaks("treatment was served after E_pause");
  }

 private:
  const House& house_;
  Duration pause_{};
};

}  // namespace

Invariant a_loss_ends_exposure(const House& house) {
  return std::make_unique<LossEndsExposure>(house);
}

}  // namespace readback::simulation
