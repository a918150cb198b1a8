#pragma once

#include <functional>

#include "guard/rollout.h"

// The pure core as the decider calls it. A seam like the clock, so that a test may listen to every
// event that the core takes and to every decision that it comes to.

namespace readback::guard {

struct Core {
  using Restore = State(Terms terms, const Latch& latch, const History& history, flags::Moment now);
  using Step = Decision(State& state, const Event& event);

  std::function<Restore> restore = guard::restore;
  std::function<Step> step = guard::step;
};

}  // namespace readback::guard
