#pragma once

#include <cstdint>
#include <optional>
#include <vector>

// What many rollouts came to, in a few numbers. Pure.

namespace readback::guard::foresight {

// Of a number that some rollouts have none of, in as far as they were played: those count as more
// than any. Each is the smallest that so many of all do not exceed; unset: some of these have none.
struct Spread {
  std::optional<double> median;
  std::optional<double> p95;
  std::optional<double> p99;
};
Spread spread_of(std::vector<std::optional<double>> numbers);

// A chance that came true `count` times of `of`: what it may be, with 95 % (Clopper, Pearson 1934).
struct Proportion {
  std::uint64_t count = 0;
  std::uint64_t of = 0;
  double least = 0;
  double most = 1;
};
Proportion proportion(std::uint64_t count, std::uint64_t of);

}  // namespace readback::guard::foresight
