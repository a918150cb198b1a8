#pragma once

#include "guard/foresight/setting.h"
#include "guard/rollout.h"

// How long nothing but oks can pass without a decision: the end of a step, a cell that is cleared,
// a budget that is over. At least a second, which is how often the guard looks by itself; less than
// the time that is really left, if the jitter of the rounds is all on one side. Pure.

namespace readback::guard::foresight {

Duration until_oks_matter(const State& state, const Setting& setting, flags::Moment now);

}  // namespace readback::guard::foresight
