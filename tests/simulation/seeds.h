#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "tests/simulation/house.h"

// Which seeds a test plays. READBACK_SEED=N in the environment replays one alone.

namespace readback::simulation {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr std::uint64_t kPlayed = 10;  // One of so many: each step takes ten times as long.
#else
inline constexpr std::uint64_t kPlayed = 1;
#endif

inline std::vector<std::uint64_t> seeds(std::uint64_t count) {
  if (const char* const only = std::getenv("READBACK_SEED"))
    return {std::strtoull(only, nullptr, 10)};
  std::vector<std::uint64_t> all(std::max<std::uint64_t>(1, count / kPlayed));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

inline HouseOptions house(std::uint64_t seed, double silence = 0, Plant plant = Plant::none) {
  HouseOptions options;
  options.seed = seed;
  options.plant = plant;
  options.network.lost = silence / 2;
  options.network.shortest = options.network.longest = std::chrono::milliseconds(1 + seed % 40);
  return options;
}

}  // namespace readback::simulation
