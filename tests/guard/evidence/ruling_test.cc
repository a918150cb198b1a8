#include "guard/evidence/ruling.h"

#include <doctest/doctest.h>

namespace readback::guard {

using OnPlatformLoss = EvidenceOptions::OnPlatformLoss;

TEST_SUITE("guard/evidence/ruling") {
  TEST_CASE("the table of the README, row by row") {
    struct Row {
      const char* name;
      Seen seen;
      Ruling ruling;
    };
    using F = Finding;
    using V = Verdict;
    using B = Blame;
    const Row rows[] = {
        {"nothing lost", {}, {F::none, V::advance, B::nobody}},
        {"one failure", {.is_suspect = true}, {F::suspect, V::pause, B::not_yet_known}},
        {"one failure, the arms not alike",
         {.is_flag = true, .is_suspect = true},
         {F::suspect, V::pause, B::flag}},
        {"one failure, and control's own test",
         {.is_control_lost = true, .is_suspect = true, .is_control_ill = true},
         {F::platform, V::pause, B::platform}},
        {"one failure, and some of control",
         {.is_suspect = true, .is_control_ill = true},
         {F::suspect, V::pause, B::not_yet_known}},
        {"lost, and the blocks say the flag",
         {.is_lost = true, .is_flag = true, .is_suspect = true},
         {F::flag, V::revert, B::flag}},
        {"lost in both arms, and more with the flag on",
         {.is_lost = true, .is_flag = true, .is_control_lost = true, .is_suspect = true},
         {F::flag, V::revert, B::flag}},
        {"lost, and controls may still speak",
         {.is_lost = true, .awaits_controls = true, .is_suspect = true},
         {F::suspect, V::pause, B::not_yet_known}},
        {"lost, the flag, and controls may still speak",
         {.is_lost = true, .is_flag = true, .awaits_controls = true, .is_suspect = true},
         {F::flag, V::revert, B::flag}},
        {"lost in both arms",
         {.is_lost = true, .is_control_lost = true, .is_suspect = true},
         {F::platform, V::pause, B::platform}},
        {"lost, and nobody knows why",
         {.is_lost = true, .is_suspect = true},
         {F::lost, V::revert, B::not_yet_known}},
        {"control alone fails", {.is_control_ill = true}, {F::none, V::hold, B::safe_variant}},
        {"control alone loses beyond chance",
         {.is_control_lost = true, .is_control_ill = true},
         {F::none, V::hold, B::safe_variant}},
        {"answered worse than control", {.is_not_ok = true}, {F::not_ok, V::pause, B::nobody}},
        {"answered worse than control, which fails",
         {.is_control_ill = true, .is_not_ok = true},
         {F::not_ok, V::pause, B::nobody}},
    };
    for (const Row& row : rows) {
      CAPTURE(row.name);
      CHECK(rule_on(row.seen, OnPlatformLoss::pause) == row.ruling);
    }
  }

  TEST_CASE("a platform's loss reverts where it is to, and only beyond chance") {
    const Seen lost{.is_lost = true, .is_control_lost = true, .is_suspect = true};
    CHECK(rule_on(lost, OnPlatformLoss::revert) ==
          Ruling{Finding::platform, Verdict::revert, Blame::platform});
    const Seen suspect{.is_control_lost = true, .is_suspect = true};
    CHECK(rule_on(suspect, OnPlatformLoss::revert).verdict == Verdict::pause);
  }

  TEST_CASE("whatever is seen, more of it never widens") {
    constexpr bool Seen::*kWorse[] = {&Seen::is_lost, &Seen::is_suspect, &Seen::is_not_ok,
                                      &Seen::is_control_ill};
    for (unsigned bits = 0; bits < 128; ++bits) {
      const Seen seen{(bits & 1) != 0,  (bits & 2) != 0,  (bits & 4) != 0, (bits & 8) != 0,
                      (bits & 16) != 0, (bits & 32) != 0, (bits & 64) != 0};
      for (bool Seen::*const worse : kWorse) {
        CAPTURE(bits);
        Seen more = seen;
        more.*worse = true;
        CHECK(rule_on(more, OnPlatformLoss::pause).verdict >=
              rule_on(seen, OnPlatformLoss::pause).verdict);
      }
    }
  }
}

}  // namespace readback::guard
