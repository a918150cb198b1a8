#include "guard/next_command.h"

#include <doctest/doctest.h>

#include "tests/guard/status_view.h"

namespace readback::guard {
namespace {

using namespace std::chrono_literals;
using Kind = Command::Kind;
using Urgency = NextCommand::Urgency;
using probes::Outcome;
using testing::Viewed;

Latch latched() {
  Latch latch;
  latch.is_latched = true;
  latch.generation = 3;
  latch.build = "build-1";
  latch.who = "guard";
  latch.cause = "loss";
  return latch;
}

struct Row {
  const char* claim;
  void (*play)(Viewed&);
  const char* command;
  Urgency urgency;
};

const Row kRows[] = {
    {"what is not started is to be started", [](Viewed&) {},
     "guard start notes-editor-v2 --by NAME", Urgency::none},
    {"a rollout goes on by itself", [](Viewed& flag) { flag.start(); },
     "guard status notes-editor-v2", Urgency::none},
    {"a full exposure record is told",
     [](Viewed& flag) {
       flag.start();
       flag.is_full = true;
     },
     "guard exposures notes-editor-v2", Urgency::soon},
    {"without evidence the probes are looked at",
     [](Viewed& flag) {
       flag.start();
       flag.driver.pass(2min);
     },
     "guard probe run plan.yaml --once", Urgency::soon},
    {"a suspicion is settled by repeats",
     [](Viewed& flag) {
       flag.start();
       flag.lose();
     },
     "guard status notes-editor-v2", Urgency::soon},
    {"a loss in both arms is the application's",
     [](Viewed& flag) {
       flag.start();
       flag.lose(Outcome::fail);
     },
     "guard probe run plan.yaml --once", Urgency::now},
    {"a loss of control alone is looked at, and not reverted",
     [](Viewed& flag) {
       flag.start();
       flag.driver.pass(1s);
       flag.driver.block(Outcome::ok, Outcome::fail);
     },
     "guard probe run plan.yaml --once", Urgency::now},
    {"after a revert those who were exposed are found",
     [](Viewed& flag) {
       flag.start();
       flag.lose();
       flag.lose();
     },
     "guard exposures notes-editor-v2", Urgency::soon},
    {"another build than the reverted one may be re-armed",
     [](Viewed& flag) {
       flag.start();
       flag.driver.command(Kind::revert);
       flag.guarded.flag.build = "build-2";
     },
     "guard rearm notes-editor-v2 --by NAME --reason TEXT", Urgency::soon},
    {"a revert that is not on disk is repeated",
     [](Viewed& flag) {
       flag.driver.holds_writes = true;
       flag.driver.command(Kind::revert);
     },
     "guard rollback notes-editor-v2 --reason TEXT", Urgency::now},
    {"a proof is waited for",
     [](Viewed& flag) {
       flag.driver.command(Kind::revert);
       flag.driver.command(Kind::rearm, true);
     },
     "guard status notes-editor-v2", Urgency::none},
    {"a pause is ended by a person",
     [](Viewed& flag) {
       flag.start();
       flag.driver.command(Kind::pause);
     },
     "guard resume notes-editor-v2 --by NAME", Urgency::none},
    {"a store that does not work is looked at",
     [](Viewed& flag) {
       flag.start();
       flag.driver.happen(StoreFailed{"disk full"});
     },
     "guard audit verify", Urgency::now},
    {"what has baked at 100 % is finished", [](Viewed& flag) { flag.widen(); },
     "guard finish notes-editor-v2 --by NAME", Urgency::none},
    {"a finished flag is removed from the code",
     [](Viewed& flag) {
       flag.widen();
       flag.driver.command(Kind::finish);
     },
     "guard status notes-editor-v2", Urgency::none},
    {"a finished flag that loses is reverted by a person",
     [](Viewed& flag) {
       flag.widen();
       flag.driver.command(Kind::finish);
       flag.lose();
     },
     "guard rollback notes-editor-v2 --reason TEXT", Urgency::now},
};

TEST_SUITE("next_command") {
  TEST_CASE("each state has one next command") {
    for (const Row& row : kRows) {
      CAPTURE(row.claim);
      Viewed flag;
      row.play(flag);
      const NextCommand next = next_command(flag.view(), flag.driver.now());
      CHECK(next.command == row.command);
      CHECK(next.urgency == row.urgency);
      CHECK_FALSE(next.why.empty());
    }
  }

  TEST_CASE("a damaged slot is re-armed, and nobody is looked for") {
    Latch latch = latched();
    latch.is_readable = false;
    const Viewed flag(latch);
    CHECK(next_command(flag.view(), flag.driver.now()).command ==
          "guard rearm notes-editor-v2 --by NAME --reason TEXT");
  }
}

}  // namespace
}  // namespace readback::guard
