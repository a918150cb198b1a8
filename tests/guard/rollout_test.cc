#include "guard/rollout.h"

#include <doctest/doctest.h>
#include <algorithm>

#include "tests/guard/rollout_driver.h"

namespace readback::guard {
using namespace std::chrono_literals;
using probes::Outcome;
using testing::Driver;
using Kind = Command::Kind;

namespace {

Driver exposed() {
  Driver driver;
  driver.command(Kind::start);
  driver.healthy(2);
  return driver;
}

}  // namespace

TEST_SUITE("guard/rollout") {
  TEST_CASE("nobody is exposed before the start, nor before the first verified write") {
    Driver driver;
    driver.healthy(2);
    CHECK_FALSE(driver.serves_treatment());
    Driver started;
    started.command(Kind::start);
    CHECK_FALSE(started.serves_treatment());
    started.healthy(1);
    CHECK(started.serves_treatment());
  }

  TEST_CASE("the lease is counted from the start of the write, not from its reads") {
    Driver driver;
    driver.command(Kind::start);
    const std::uint64_t block = driver.open();
    const flags::Moment began = driver.now();
    probes::Observation observation{
        block,           1,           probes::Arm::treatment,   {"visit", "interview", "any"},
        {"record", 0ms}, Outcome::ok, probes::LossClass::equal, false};
    driver.pass(3s);
    driver.happen(Observed{observation, began});
    CHECK_FALSE(driver.serves_treatment());
    observation.read = {"list", 2'000ms};
    driver.happen(Observed{observation, began});
    CHECK(driver.serves_treatment());
    CHECK(driver.last.serve.lease.evidence_began == began);
    driver.pass_until({began.boot + 59s, {}});  // The stamp is rounded down to 5 s.
    CHECK(driver.serves_treatment());
    driver.pass(1s);
    CHECK_FALSE(driver.serves_treatment());
  }

  TEST_CASE("info, void and control's oks renew nothing") {
    Driver driver;
    driver.command(Kind::start);
    driver.block(Outcome::info, Outcome::ok);
    const std::uint64_t block = driver.open();
    for (const char* path : {"record", "list"}) driver.settle(block, 1, path, Outcome::ok, true);
    CHECK_FALSE(driver.serves_treatment());
  }

  TEST_CASE("control's absence does not end the lease, and proves no step") {
    Driver driver = exposed();
    for (int i = 0; i < 30; ++i) {
      driver.pass(1s);
      driver.block(Outcome::ok, Outcome::info);
    }
    CHECK(driver.serves_treatment());
    CHECK(driver.state.step == 0);
    driver.healthy(3);
    CHECK(driver.state.step == 1);
  }

  TEST_CASE("a step takes its evidence and its minimum time, and one at a time") {
    Driver driver;
    driver.command(Kind::start);
    driver.healthy(5);
    CHECK(driver.state.step == 0);  // Evidence, but 5 of 10 s.
    driver.healthy(5);
    CHECK(driver.state.step == 1);
    CHECK(driver.state.progress.fewest_complete(driver.state.terms) == 0);
  }

  TEST_CASE("the first failure pauses, a second failing write reverts") {
    Driver driver = exposed();
    driver.block(Outcome::fail, Outcome::ok);
    CHECK(driver.verdict() == Verdict::pause);
    CHECK_FALSE(driver.serves_treatment());
    CHECK(driver.state.phase == Phase::rolling);
    CHECK(driver.last_entry.kind == "suspected");
    driver.block(Outcome::fail, Outcome::ok, true);
    CHECK(driver.verdict() == Verdict::revert);
    CHECK(driver.state.phase == Phase::latched);
    CHECK(driver.state.latch.cause == "loss");
    CHECK(driver.kinds.back() == "reverted");
  }

  TEST_CASE("the first failure pauses before the controls are known") {
    Driver driver = exposed();
    const std::uint64_t block = driver.open();
    driver.settle(block, 1, "record", Outcome::fail);
    CHECK(driver.last.serve.mode == flags::Exposure::Mode::safe);
  }

  TEST_CASE("many failing reads of one write are one failing write") {
    Driver driver = exposed();
    driver.block(Outcome::fail, Outcome::ok);
    CHECK(driver.state.phase == Phase::rolling);
  }

  TEST_CASE(
      "controls that say nothing blame nobody, and a loss beyond chance reverts all the same") {
    Driver driver = exposed();
    driver.block(Outcome::fail, Outcome::info);
    CHECK(driver.verdict() == Verdict::pause);
    driver.block(Outcome::fail, Outcome::info, true);
    CHECK(driver.verdict() == Verdict::revert);
    CHECK(driver.state.latch.reason.find("by what is not known yet") != std::string::npos);
  }

  TEST_CASE("controls that may still speak are waited for before anything is latched") {
    Driver driver = exposed();
    driver.block(Outcome::fail, Outcome::ok);
    const std::uint64_t block = driver.open(true);
    driver.settle(block, 1, "record", Outcome::fail);
    CHECK(driver.state.harm.crossing().has_value());
    CHECK(driver.state.phase == Phase::rolling);
    SUBCASE("and have the last word") {
      for (unsigned member : {0U, 2U, 3U}) driver.settle(block, member, "record", Outcome::fail);
      CHECK(driver.state.harm.finding() == Finding::platform);
      CHECK(driver.state.phase == Phase::rolling);
    }
    SUBCASE("but not for ever") {
      driver.pass(driver.state.terms.round_deadline);
      driver.happen(Ticked{});
      CHECK(driver.state.phase == Phase::latched);
    }
  }

  TEST_CASE("a loss in both arms pauses and blames the platform, however often") {
    Driver driver = exposed();
    for (int i = 0; i < 5; ++i) driver.block(Outcome::fail, Outcome::fail);
    CHECK(driver.state.harm.finding() == Finding::platform);
    CHECK(driver.verdict() == Verdict::pause);
    CHECK_FALSE(driver.serves_treatment());
  }

  TEST_CASE("a loss in control alone alarms, holds and keeps treatment") {
    Driver driver = exposed();
    for (int i = 0; i < 20; ++i) {
      driver.pass(1s);
      driver.block(Outcome::ok, Outcome::fail);
    }
    CHECK(driver.verdict() == Verdict::hold);
    CHECK(driver.serves_treatment());
    CHECK(driver.state.step == 0);
    CHECK_FALSE(driver.state.harm.ill_controls().empty());
  }

  TEST_CASE("twenty oks in a row bring the lease back, and the next failure reverts") {
    Driver driver = exposed();
    driver.block(Outcome::fail, Outcome::ok);
    driver.healthy(19, 100ms);
    CHECK(driver.state.harm.finding() == Finding::suspect);
    CHECK_FALSE(driver.serves_treatment());
    driver.healthy(1, 100ms);
    CHECK(driver.state.harm.finding() == Finding::none);
    CHECK(driver.state.harm.watched().size() == 1);
    CHECK_FALSE(driver.serves_treatment());  // What was verified under suspicion renews nothing.
    driver.healthy(1);
    CHECK(driver.serves_treatment());
    driver.block(Outcome::fail, Outcome::ok);
    CHECK(driver.state.phase == Phase::latched);
  }

  TEST_CASE("no step is over while a cell is watched") {
    Terms terms = testing::two_step_terms();
    terms.evidence.oks_to_clear = 40;
    Driver driver(terms);
    driver.command(Kind::start);
    driver.healthy(2);
    driver.block(Outcome::fail, Outcome::ok);
    driver.healthy(39);
    CHECK(driver.serves_treatment());
    CHECK(driver.state.step == 0);
    driver.healthy(1);
    CHECK(driver.state.harm.is_clear());
    CHECK(driver.state.step == 1);
  }

  TEST_CASE("a step takes probes that bound the loss, of each payload class, too") {
    Terms terms = testing::two_step_terms();
    terms.evidence.max_loss_rate = 0.1;
    terms.evidence.max_class_loss_rate = 0.3;
    terms.payload_classes = {"any", "astral"};
    terms.rollout.steps[0].minimum_time = 0ms;
    Driver driver(terms);
    driver.command(Kind::start);
    driver.healthy(29);  // log(1 / (0.9 x 0.05)) / -log(0.9) = 29.4
    CHECK(judge(driver.state, driver.now()).reasons.back().find("29 of 30 probes") == 0);
    driver.healthy(2);
    CHECK(judge(driver.state, driver.now())
              .reasons.back()
              .find("0 of 9 probes of this step of "
                    "visit, interview by record after 0 s, payload class astral") == 0);
    for (int i = 0; i < 9; ++i) {
      CHECK(driver.state.step == 0);
      driver.pass(1s);
      driver.healthy(1, 0ms, "astral");
    }
    CHECK(driver.state.step == 1);
  }

  TEST_CASE("info counts against a step") {
    Terms terms = testing::two_step_terms();
    terms.rollout.steps[0].minimum_time = 0ms;
    Driver driver(terms);
    driver.command(Kind::start);
    driver.healthy(2);
    for (int i = 0; i < 2; ++i) driver.block(Outcome::info, Outcome::info);
    driver.healthy(1);
    CHECK(driver.state.step == 0);
    driver.healthy(6);
    CHECK(driver.state.step == 1);
  }

  TEST_CASE("treatment that is answered worse than control is paused, and served again by itself") {
    Driver driver = exposed();
    for (int i = 0; i < 6 && driver.state.harm.finding() == Finding::none; ++i)
      driver.block(Outcome::info, Outcome::ok);
    CHECK(driver.state.harm.finding() == Finding::not_ok);
    CHECK(driver.kinds.back() == "unanswered");
    CHECK_FALSE(driver.serves_treatment());
    CHECK(driver.state.phase == Phase::rolling);
    driver.healthy(20, 100ms);
    CHECK(driver.state.harm.finding() == Finding::none);
    driver.healthy(1);
    CHECK(driver.serves_treatment());
  }

  TEST_CASE("an outage of both arms is nobody's fault") {
    Driver driver = exposed();
    for (int i = 0; i < 50; ++i) driver.block(Outcome::info, Outcome::info);
    CHECK(driver.state.harm.finding() == Finding::none);
  }

  TEST_CASE("where a platform's loss is to revert, it does") {
    Terms terms = testing::two_step_terms();
    terms.evidence.on_platform_loss = EvidenceOptions::OnPlatformLoss::revert;
    Driver driver(terms);
    driver.command(Kind::start);
    driver.healthy(2);
    for (int i = 0; i < 2; ++i) driver.block(Outcome::fail, Outcome::fail);
    CHECK(driver.state.phase == Phase::latched);
    CHECK(driver.state.latch.reason.find("the platform is to blame") != std::string::npos);
  }

  TEST_CASE("a platform's loss that is over begins a new budget, and says so") {
    Driver driver = exposed();
    for (int i = 0; i < 3; ++i) driver.block(Outcome::fail, Outcome::fail);
    REQUIRE(driver.state.harm.crossing().has_value());
    driver.healthy(20);
    driver.pass(1s);
    driver.happen(Ticked{});
    CHECK_FALSE(driver.state.harm.crossing().has_value());
    CHECK(driver.state.harm.budget() == 2);
    CHECK(std::count(driver.kinds.begin(), driver.kinds.end(), "budget") == 2);
    driver.healthy(1);
    CHECK(driver.serves_treatment());
  }

  TEST_CASE("oks in blocks whose control failed clear nothing") {
    Driver driver = exposed();
    driver.block(Outcome::fail, Outcome::fail);
    for (int i = 0; i < 40; ++i) driver.block(Outcome::ok, Outcome::fail);
    CHECK(driver.state.harm.finding() == Finding::platform);
    driver.healthy(20, 100ms);
    CHECK(driver.state.harm.finding() == Finding::none);
  }

  TEST_CASE("an operator's pause hides no harm") {
    Driver driver = exposed();
    driver.command(Kind::pause);
    CHECK_FALSE(driver.serves_treatment());
    driver.block(Outcome::fail, Outcome::ok);
    driver.block(Outcome::fail, Outcome::ok);
    CHECK(driver.state.phase == Phase::latched);
    CHECK(driver.state.latch.cause == "loss");
  }

  TEST_CASE("a revert is served at once and answered only when it is durable") {
    Driver driver = exposed();
    driver.holds_writes = true;
    const Decision decision = driver.command(Kind::revert);
    CHECK(decision.serve.mode == flags::Exposure::Mode::safe);
    CHECK_FALSE(decision.answer.has_value());
    REQUIRE(decision.write.has_value());
    CHECK(decision.write->latch->is_latched);
    CHECK(decision.write->answer->ticket == 7);
  }

  TEST_CASE("a revert beats the advance that is being written") {
    Driver driver;
    driver.command(Kind::start);
    driver.healthy(9);
    driver.holds_writes = true;
    driver.healthy(2);
    REQUIRE(driver.held.size() == 1);
    CHECK(driver.held.front().widening.kind == Widening::Kind::advance);
    driver.command(Kind::revert);
    driver.holds_writes = false;
    driver.release();
    CHECK(driver.state.phase == Phase::latched);
    CHECK(driver.state.step == 0);
    CHECK_FALSE(driver.serves_treatment());
  }

  TEST_CASE("a suspicion beats the advance that is being written") {
    Driver driver;
    driver.command(Kind::start);
    driver.healthy(9);
    driver.holds_writes = true;
    driver.healthy(2);
    driver.block(Outcome::fail, Outcome::ok);
    driver.holds_writes = false;
    driver.release();
    CHECK(driver.state.step == 0);
  }

  TEST_CASE("an advance that came to nothing is not what a restart begins with") {
    Driver driver;
    driver.command(Kind::start);
    driver.healthy(9);
    driver.holds_writes = true;
    driver.healthy(2);
    REQUIRE(driver.last_entry.kind == "advanced");
    driver.happen(ClockJumped{});
    driver.holds_writes = false;
    driver.release();
    CHECK(driver.state.step == 0);
    CHECK(driver.last_entry.kind == "restated");
    CHECK(driver.last_entry.state["step"] == 0);
  }

  TEST_CASE("a revert of what is latched already beats the re-arm that is being written") {
    Driver driver = exposed();
    driver.command(Kind::revert);
    driver.holds_writes = true;
    driver.command(Kind::rearm, true);
    REQUIRE(driver.held.size() == 1);
    driver.command(Kind::revert);
    CHECK(driver.answers.back().is_accepted);
    driver.holds_writes = false;
    driver.release();
    CHECK(driver.state.phase == Phase::latched);
  }

  TEST_CASE("a latch that could not be written is tried again at each tick until it is") {
    Driver driver = exposed();
    driver.holds_writes = true;
    driver.command(Kind::revert);
    Write write = driver.held.back();
    driver.happen(WriteFailed{write, "no space left on device", false});
    CHECK(driver.held.size() == 1);
    driver.happen(Ticked{});
    CHECK(driver.held.size() == 2);
    driver.happen(Ticked{});
    CHECK(driver.held.size() == 2);  // One is under way.
    driver.happen(Written{driver.held.back()});
    driver.happen(Ticked{});
    CHECK(driver.held.size() == 2);
    CHECK(driver.state.is_latch_durable);
  }

  TEST_CASE("a store that fails withdraws the lease, and the latch still works") {
    Driver driver = exposed();
    Write write;
    write.entries.emplace_back();
    driver.happen(WriteFailed{write, "disk full", true, false});
    CHECK_FALSE(driver.serves_treatment());
    driver.command(Kind::revert);
    CHECK(driver.state.phase == Phase::latched);
  }

  TEST_CASE("a latch outlives reload and restart, and stays until a named person re-arms it") {
    Driver driver = exposed();
    driver.command(Kind::revert);
    Terms other = testing::two_step_terms();
    other.build = "build-2";
    driver.happen(Configured{other});
    driver.healthy(5);
    CHECK(driver.state.phase == Phase::latched);
    Driver again(other, driver.state.latch, driver.history);
    again.command(Kind::start);
    again.healthy(5);
    CHECK_FALSE(again.serves_treatment());
    CHECK(again.state.phase == Phase::latched);
  }

  TEST_CASE("re-arming refuses the build that was reverted, unless told so") {
    Driver driver = exposed();
    driver.command(Kind::revert);
    driver.command(Kind::rearm);
    CHECK_FALSE(driver.answers.back().is_accepted);
    CHECK(driver.state.phase == Phase::latched);
    driver.command(Kind::rearm, true);
    CHECK(driver.answers.back().is_accepted);
    CHECK(driver.state.phase == Phase::proving);
  }

  TEST_CASE("a proof exposes nobody, and a rollout begins again at its first step after it") {
    Driver driver = exposed();
    driver.healthy(12);
    CHECK(driver.state.step == 1);
    driver.command(Kind::revert);
    driver.command(Kind::rearm, true);
    driver.healthy(2);
    CHECK(driver.state.phase == Phase::proving);
    CHECK(driver.state.latch.is_latched);
    CHECK_FALSE(driver.serves_treatment());
    driver.healthy(1);
    CHECK(driver.state.phase == Phase::rolling);
    CHECK_FALSE(driver.state.latch.is_latched);
    CHECK(driver.state.step == 0);
    CHECK(driver.state.latch.generation == 2);
  }

  TEST_CASE("a loss while a re-arm is being proven leaves it latched") {
    Driver driver = exposed();
    driver.command(Kind::revert);
    driver.command(Kind::rearm, true);
    driver.pass(1s);
    driver.block(Outcome::fail, Outcome::ok);
    CHECK(driver.state.phase == Phase::proving);
    driver.block(Outcome::fail, Outcome::ok);
    CHECK(driver.state.phase == Phase::latched);
    CHECK(driver.state.latch.cause == "loss");
  }

  TEST_CASE("losses of writes from before the latch are not held against a re-armed flag") {
    Driver driver = exposed();
    const std::uint64_t old_block = driver.open();
    const flags::Moment old_write = driver.now();
    driver.pass(1s);
    driver.command(Kind::revert);
    driver.command(Kind::rearm, true);
    driver.happen(Observed{{old_block,
                            1,
                            probes::Arm::treatment,
                            {"visit", "interview", "any"},
                            {"list", 2'000ms},
                            Outcome::fail,
                            probes::LossClass::stale,
                            false},
                           old_write});
    CHECK(driver.state.harm.finding() == Finding::none);
  }

  TEST_CASE("a revert that the ledger knows and the latch file does not is latched, and written") {
    Driver driver = exposed();
    driver.command(Kind::revert);
    Driver again(testing::two_step_terms(), {}, driver.history);
    CHECK(again.state.phase == Phase::latched);
    CHECK(again.state.latch.cause == "recovered");
    const Decision decision = again.happen(Ticked{});
    REQUIRE(decision.write.has_value());
    CHECK(decision.write->latch->is_latched);
    again.command(Kind::start);
    again.healthy(3);
    CHECK_FALSE(again.serves_treatment());
  }

  TEST_CASE("an older latch file than the ledger's generation counts as latched") {
    Driver driver = exposed();
    nlohmann::json last = durable(driver.state);
    last["generation"] = 5;
    Latch old;
    old.generation = 3;
    CHECK(Driver(testing::two_step_terms(), old, testing::history_of(last)).state.phase ==
          Phase::latched);
    last["phase"] = "latched";
    old.generation = 6;  // Clear, and newer: the slot that is written over it has 7.
    CHECK(
        Driver(testing::two_step_terms(), old, testing::history_of(last)).state.latch.generation ==
        7);
    last["phase"] = "rolling";
    CHECK(Driver(testing::two_step_terms(), old, testing::history_of(last)).state.phase ==
          Phase::rolling);
  }

  TEST_CASE("a suspicion that comes while a proof's end is being written leaves it latched") {
    Driver driver = exposed();
    driver.command(Kind::revert);
    driver.command(Kind::rearm, true);
    driver.healthy(2);
    driver.holds_writes = true;
    driver.healthy(1);
    REQUIRE(driver.held.size() == 1);
    CHECK(driver.held.front().widening.kind == Widening::Kind::rearm);
    driver.block(Outcome::fail, Outcome::ok);
    driver.holds_writes = false;
    driver.release();
    CHECK(driver.state.phase == Phase::latched);
    CHECK(driver.state.latch.generation == 3);
    CHECK(driver.state.latch.cause == "loss");
    CHECK_FALSE(driver.serves_treatment());
  }

  TEST_CASE("a suspicion that comes while a finish is being written wins over it") {
    Terms terms = testing::two_step_terms();
    terms.rollout.steps = {{flags::kEverybody, 10s, 3}};
    Driver driver(terms);
    driver.command(Kind::start);
    driver.healthy(3);
    driver.holds_writes = true;
    driver.command(Kind::finish);
    driver.block(Outcome::fail, Outcome::ok);
    driver.holds_writes = false;
    driver.release();
    CHECK(driver.state.phase == Phase::rolling);
    CHECK_FALSE(driver.serves_treatment());
  }

  TEST_CASE("where control was ill before, a loss with the flag on blames the platform") {
    Driver driver = exposed();
    driver.block(Outcome::ok, Outcome::fail);
    for (int i = 0; i < 3; ++i) driver.block(Outcome::fail, Outcome::ok);
    CHECK(driver.state.harm.finding() == Finding::platform);
    CHECK(driver.state.phase == Phase::rolling);
  }

  TEST_CASE("a restart serves the safe variant until new evidence, at the step that was reached") {
    Driver driver = exposed();
    driver.healthy(12);
    REQUIRE(driver.state.step == 1);
    Driver again(testing::two_step_terms(), {}, driver.history);
    CHECK(again.state.phase == Phase::rolling);
    CHECK(again.state.step == 1);
    CHECK_FALSE(again.serves_treatment());
    again.healthy(1);
    CHECK(again.serves_treatment());
  }

  TEST_CASE("a suspicion survives a restart and the next failing write convicts") {
    Driver driver = exposed();
    driver.block(Outcome::fail, Outcome::ok);
    Driver again(testing::two_step_terms(), {}, driver.history);
    CHECK(again.verdict() == Verdict::pause);
    again.open();
    again.block(Outcome::fail, Outcome::ok);
    CHECK(again.state.phase == Phase::latched);
  }

  TEST_CASE("no restart wins a new budget, and a re-arm does") {
    Driver driver = exposed();
    driver.healthy(20);
    driver.pass(1s);
    driver.happen(Ticked{});
    Driver again(testing::two_step_terms(), {}, driver.history);
    CHECK(again.state.harm.budget() == 1);
    CHECK(again.state.harm.treatment().snapshot() == driver.state.harm.treatment().snapshot());
    again.command(Kind::revert);
    again.command(Kind::rearm, true);
    CHECK(again.state.harm.budget() == 2);
    CHECK(again.state.harm.treatment().streams().empty());
    again.pass(1s);
    again.happen(Ticked{});
    CHECK(again.kinds.back() == "evidence");
    CHECK(std::count(again.kinds.begin(), again.kinds.end(), "budget") == 1);
    CHECK(again.history.harm()->budget() == 2);
  }

  TEST_CASE("a re-read from before a restart is judged with what its block had shown before it") {
    Driver driver = exposed();
    driver.block(Outcome::fail, Outcome::ok);
    const std::uint64_t block = driver.open(true);
    const flags::Moment began = driver.now();
    for (const unsigned member : {0U, 2U, 3U}) {
      driver.settle(block, member, "record", Outcome::ok);
      driver.settle(block, member, "list", Outcome::ok);
    }
    driver.settle(block, 1, "record", Outcome::ok);
    Driver again(testing::two_step_terms(), {}, driver.history);
    BlockResumed resumed;
    resumed.opened = {block, "visit", "any", 4, 1, true, began};
    resumed.unread = {{1, "interview", {"list", 2'000ms}}};
    again.happen(resumed);
    const std::uint64_t blocks = again.state.harm.blame().blocks_that_tell();
    again.pass(5s);
    again.happen(Observed{{block,
                           1,
                           probes::Arm::treatment,
                           {"visit", "interview", "any"},
                           {"list", 2'000ms},
                           Outcome::fail,
                           probes::LossClass::stale,
                           false},
                          began});
    CHECK(again.state.harm.blame().blocks_that_tell() == blocks + 1);
    CHECK(again.state.phase == Phase::latched);
  }

  TEST_CASE("what an earlier process wrote renews no lease, though all of it comes back") {
    Driver driver(testing::two_step_terms(), Latch{},
                  testing::history_of({{"phase", "rolling"}, {"share_ppm", 13'000}}));
    const flags::Moment began = driver.now();
    BlockResumed resumed{{77, "visit", "any", 4, 1, false, began}, {}};
    for (unsigned member = 0; member < 4; ++member)
      for (const probes::ReadPoint& read : driver.state.terms.streams.front().reads)
        resumed.unread.push_back({member, "interview", read});
    driver.happen(resumed);
    for (const Unread& each : resumed.unread) {
      probes::Observation observation;
      observation.block = 77;
      observation.member = each.member;
      observation.arm = each.member == 1 ? probes::Arm::treatment : probes::Arm::control;
      observation.cell = {"visit", "interview", "any"};
      observation.read = each.read;
      observation.outcome = Outcome::ok;
      driver.happen(Observed{observation, began});
    }
    CHECK_FALSE(driver.serves_treatment());
    driver.block(Outcome::ok, Outcome::ok);
    CHECK(driver.serves_treatment());
  }

  TEST_CASE("a clock that jumped takes the lease, whichever way") {
    Driver driver = exposed();
    driver.happen(ClockJumped{});
    CHECK_FALSE(driver.serves_treatment());
    driver.healthy(1);
    CHECK(driver.serves_treatment());
  }

  TEST_CASE("another build begins without evidence") {
    Driver driver = exposed();
    Terms terms = testing::two_step_terms();
    terms.build = "build-2";
    driver.happen(Configured{terms});
    CHECK_FALSE(driver.serves_treatment());
    driver.healthy(1);
    CHECK(driver.serves_treatment());
  }

  TEST_CASE("finishing takes 100 % and a bake, and a finished flag can still be reverted") {
    Terms terms = testing::two_step_terms();
    terms.rollout.bake = 20s;
    Driver driver(terms);
    driver.command(Kind::start);
    driver.healthy(5);
    driver.command(Kind::finish);
    CHECK_FALSE(driver.answers.back().is_accepted);
    driver.healthy(6);
    REQUIRE(driver.state.step == 1);
    driver.command(Kind::finish);
    CHECK_FALSE(driver.answers.back().is_accepted);
    driver.healthy(20);
    driver.command(Kind::finish);
    CHECK(driver.answers.back().is_accepted);
    driver.pass(1h);
    CHECK(driver.serves_treatment());
    for (int i = 0; i < 3; ++i) driver.block(Outcome::fail, Outcome::ok);
    CHECK(driver.serves_treatment());  // Its probes only alarm.
    driver.command(Kind::revert);
    CHECK_FALSE(driver.serves_treatment());
  }

  TEST_CASE("what was acknowledged holds after a restart, whatever was written at the same time") {
    Driver driver = exposed();
    driver.command(Kind::pause);
    driver.holds_writes = true;
    driver.command(Kind::resume);
    driver.block(Outcome::fail, Outcome::ok);
    REQUIRE(driver.last_entry.kind == "suspected");
    driver.holds_writes = false;
    driver.release();
    REQUIRE(driver.answers.back().is_accepted);
    const State restarted =
        restore(testing::two_step_terms(), Latch{}, driver.history, driver.now());
    CHECK_FALSE(restarted.pause.has_value());
    CHECK(restarted.harm.finding() == Finding::suspect);
  }

  TEST_CASE("an operator's pause wins over the resume that is being written") {
    Driver driver = exposed();
    driver.command(Kind::pause);
    driver.holds_writes = true;
    driver.command(Kind::resume);
    driver.command(Kind::pause);
    driver.holds_writes = false;
    driver.release();
    CHECK_FALSE(driver.serves_treatment());
    driver.command(Kind::resume);
    CHECK(driver.serves_treatment());
  }
}

}  // namespace readback::guard
