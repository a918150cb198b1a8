#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/simulation/house.h"
#include "tests/simulation/script.h"

// One seed, played in two phases. Safety: things go wrong as the seed's script says, and every
// invariant holds after every event. Liveness: nothing is wrong any more, the process is restarted
// if its store failed, a pause is resumed; then treatment must be served again within
// kServedAgain, unless the flag is latched, and no read that was due is forgotten.

namespace readback::simulation {

// Until the first lease: a restart, a round and its longest read within the lease, each journey's
// turn, one more if it failed, and the stamps' grain.
inline constexpr Duration kServedAgain = std::chrono::seconds(25);
// As long as the longest pause between two reads of what gives no answer.
inline constexpr Duration kReadAgain = std::chrono::seconds(45);

struct Verdict {
  std::string broken;  // what, with seed, step and the ledger; empty if nothing
  std::uint64_t steps = 0;
  Duration virtual_time{};
  std::uint64_t trace = 0;  // the same for the same seed
  std::uint64_t uses = 0;   // of treatment, by practitioners
  unsigned step = 0;        // the widest that was reached
  bool is_latched = false;
};

Verdict try_seed(std::uint64_t seed, Plant plant = Plant::none, bool is_verbose = false);

}  // namespace readback::simulation
