#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/simulation/house.h"

// What goes wrong in one seed, and when: drawn from the seed before it is played, so that a part of
// it can be left out and the rest stays as it is.

namespace readback::simulation {

struct Act {
  Duration at{};
  std::string name;
  std::function<void(House&)> play;
  // Something else than the application's notes is wrong from now on, or right again: +1, -1.
  int disturbs = 0;
};

struct Script {
  Duration safety{};      // how long things go wrong
  std::vector<Act> acts;  // by time
  Way network;
  Duration longest_disk_call{};
};

Script draw_script(std::uint64_t seed);

}  // namespace readback::simulation
