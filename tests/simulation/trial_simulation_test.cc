// A few of the seeds that tests/simulation/run plays by the thousand.
#include <doctest/doctest.h>

#include "tests/simulation/seeds.h"
#include "tests/simulation/trial.h"

namespace readback::simulation {

TEST_SUITE("simulation/trial") {
  TEST_CASE("whatever goes wrong, every invariant holds, and treatment is served again") {
    for (const std::uint64_t seed : seeds(12)) {
      CAPTURE(seed);
      CHECK(try_seed(seed).broken == "");
    }
  }

  TEST_CASE("the same seed is the same run, event by event") {
    for (const std::uint64_t seed : {3, 4}) {
      CHECK(try_seed(seed).trace == try_seed(seed).trace);
      CHECK(try_seed(seed).trace != try_seed(seed + 1).trace);
    }
  }
}

}  // namespace readback::simulation
