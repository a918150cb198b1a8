#pragma once

#include <cstdint>
#include <vector>

#include "tests/simulation/world.h"

// How long a partial loss goes on before exposure ends: the flag is served, nothing else is wrong,
// and from some moment on the new path loses a share of what it saves.

namespace readback::simulation {

// From that moment until treatment is withdrawn, in one seed; `at_most` if it took longer.
Duration partial_loss_delay(std::uint64_t seed, const char* fault, Duration at_most);

// The smallest that `share` of `delays` do not exceed.
Duration percentile(std::vector<Duration> delays, double share);

}  // namespace readback::simulation
