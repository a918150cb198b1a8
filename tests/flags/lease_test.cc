#include "flags/lease.h"

#include <doctest/doctest.h>

namespace readback::flags {
using namespace std::chrono_literals;

TEST_SUITE("flags/lease") {
  TEST_CASE("the stamp is rounded down to five seconds, never up") {
    CHECK(round_stamp(14'999ms) == 10s);
    CHECK(round_stamp(15'000ms) == 15s);
    CHECK(Lease{Moment{0s, 1'003s}, 45s}.stamp() == 1'045s);
  }

  TEST_CASE("a lease holds until either clock ends it") {
    const Lease lease{Moment{100s, 1'000s}, 45s};
    struct Row {
      const char* what;
      Moment now;
      bool holds;
    };
    const Row rows[] = {
        {"at its start", {100s, 1'000s}, true},
        {"a nanosecond before its end", {145s - 1ns, 1'044s}, true},
        {"at its end by boot time", {145s, 1'044s}, false},
        {"at its stamp by wall time", {144s, 1'045s}, false},
        {"a millisecond before its stamp", {144s, 1'045s - 1ms}, true},
        {"suspended: the wall clock stood still", {9'000s, 1'000s}, false},
        {"a snapshot resumed: boot time stood still", {100s, 9'000s}, false},
        {"the wall clock set back cannot extend it", {146s, 900s}, false},
        {"the wall clock set back does not end it", {120s, 900s}, true},
    };
    for (const Row& row : rows) {
      CAPTURE(row.what);
      CHECK(lease.holds(row.now) == row.holds);
    }
  }

  TEST_CASE("rounding the stamp may end a lease sooner, by less than five seconds") {
    const Lease lease{Moment{0s, 1'002s}, 45s};
    CHECK(lease.holds({42'999ms, 1'044'999ms}));
    CHECK_FALSE(lease.holds({43s, 1'045s}));
  }
}

}  // namespace readback::flags
