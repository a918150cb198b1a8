#include <doctest/doctest.h>

#include "tests/guard/rollout_driver.h"

// What is told of many blocks at once is what is told of them one by one.

namespace readback::guard {
namespace {

using namespace std::chrono_literals;
using testing::Driver;

// One block, the reads of each of its two instants together.
void block_together(Driver& driver, probes::Outcome treatment, probes::Outcome controls) {
  const std::uint64_t number = driver.open();
  const flags::Moment began = driver.now();
  for (const char* path : {"record", "list"}) {
    ObservedTogether together;
    for (unsigned member = 0; member < 4; ++member) {
      probes::Observation observation;
      observation.block = number;
      observation.member = member;
      observation.arm = member == 1 ? probes::Arm::treatment : probes::Arm::control;
      observation.cell = {"visit", "interview", "any"};
      observation.read = {path, std::string(path) == "list" ? 2'000ms : 0ms};
      observation.outcome = member == 1 ? treatment : controls;
      observation.loss_class = observation.outcome == probes::Outcome::fail
                                   ? probes::LossClass::field_missing
                                   : probes::LossClass::equal;
      together.all.push_back({observation, began});
    }
    driver.happen(std::move(together));
  }
}

struct Pair {
  explicit Pair(Terms terms = testing::two_step_terms()) : single(terms), together(terms) {
    single.command(Command::Kind::start);
    together.command(Command::Kind::start);
  }
  // Healthy blocks a second apart, all of them told at the end of the stretch.
  void healthy(int blocks) {
    const flags::Moment before = single.now();
    single.healthy(blocks);
    together.pass_until(single.now());
    const flags::Moment first{before.boot + 1s, before.wall + 1s};
    FoundOk found;
    for (const std::chrono::milliseconds delay : {0ms, 2'000ms})
      found.groups.push_back({"visit", "any", 4, delay, static_cast<std::uint64_t>(blocks), first,
                              blocks == 1 ? first : last_began()});
    together.happen(std::move(found));
    check();
  }
  void block(probes::Outcome treatment, probes::Outcome controls) {
    single.block(treatment, controls);
    block_together(together, treatment, controls);
    check();
  }
  // Of the blocks of `single`, which take it some milliseconds each.
  flags::Moment last_began() const { return {single.now().boot - 10ms, single.now().wall - 10ms}; }
  void check() {
    // Some events more, each of which takes the driver a millisecond, are not what is compared.
    if (together.now().boot < single.now().boot) together.pass_until(single.now());
    const State& one = single.state;
    const State& other = together.state;
    CHECK(one.phase == other.phase);
    CHECK(one.step == other.step);
    CHECK(single.verdict() == together.verdict());
    CHECK(single.serves_treatment() == together.serves_treatment());
    CHECK(one.progress.fewest_complete(one.terms) == other.progress.fewest_complete(other.terms));
    const auto proven = one.progress.evidence_began(one.terms);
    const auto also_proven = other.progress.evidence_began(other.terms);
    REQUIRE(proven.has_value() == also_proven.has_value());
    if (proven) CHECK(std::chrono::abs(proven->boot - also_proven->boot) <= kEvidenceEvery);
    CHECK(one.harm.ruling() == other.harm.ruling());
    CHECK(one.harm.words() == other.harm.words());
    CHECK(one.harm.step().missing(one.terms) == other.harm.step().missing(other.terms));
  }

  // Bit for bit, as long as no step began meanwhile: that is a tick earlier or later.
  void check_equal() {
    const Harm& one = single.state.harm;
    const Harm& other = together.state.harm;
    CHECK((one.treatment().snapshot() == other.treatment().snapshot()));
    CHECK((one.control().snapshot() == other.control().snapshot()));
    CHECK((one.blame().snapshot() == other.blame().snapshot()));
    CHECK((one.not_ok().snapshot() == other.not_ok().snapshot()));
  }

  Driver single;
  Driver together;
};

Terms one_step_terms() {
  Terms terms = testing::two_step_terms();
  terms.rollout.steps = {{flags::kEverybody, 10s, 3}};
  return terms;
}

constexpr auto kOk = probes::Outcome::ok;
constexpr auto kFail = probes::Outcome::fail;

}  // namespace

TEST_SUITE("guard/many_oks") {
  TEST_CASE("a healthy rollout goes the same steps at the same times") {
    Pair pair;
    pair.healthy(9);
    CHECK(pair.single.serves_treatment());
    for (int i = 0; i < 4; ++i) pair.healthy(1);
    CHECK(pair.single.state.step == 1);
    pair.healthy(500);
    CHECK(pair.single.serves_treatment());
  }

  TEST_CASE("a step ends with the same block, by its evidence") {
    Terms terms = testing::two_step_terms();
    terms.evidence.max_loss_rate = 0.05;
    Pair pair(terms);
    const auto needed = pair.single.state.harm.step().blocks_missing(terms);
    CHECK(needed == probes_needed(0.05));
    pair.healthy(static_cast<int>(needed) - 1);
    CHECK(pair.single.state.step == 0);
    CHECK(pair.single.state.harm.step().blocks_missing(terms) == 1);
    pair.healthy(1);
    pair.healthy(1);  // What advances is durable.
    CHECK(pair.single.state.step == 1);
  }

  TEST_CASE("a loss pauses, oks bring it back, further losses revert") {
    Pair pair(one_step_terms());
    pair.healthy(300);
    pair.block(kFail, kOk);
    CHECK_FALSE(pair.single.serves_treatment());
    pair.healthy(19);
    CHECK_FALSE(pair.single.serves_treatment());
    for (int i = 0; i < 3; ++i) pair.healthy(1);
    CHECK(pair.single.serves_treatment());
    pair.healthy(1'000);
    CHECK_FALSE(pair.single.state.harm.is_clear());
    pair.healthy(2'000);
    CHECK(pair.single.state.harm.is_clear());
    pair.check_equal();
    int blocks = 0;
    for (; pair.single.state.phase != Phase::latched && blocks < 10; ++blocks)
      pair.block(kFail, kOk);
    CHECK(pair.single.state.phase == Phase::latched);
    CHECK(blocks < 10);
    pair.check_equal();
  }

  TEST_CASE("control that failed is cleared by the same block") {
    Pair pair(one_step_terms());
    pair.healthy(9);
    pair.block(kOk, kFail);
    pair.healthy(998);
    CHECK_FALSE(pair.single.state.harm.is_clear());
    pair.healthy(2);
    CHECK(pair.single.state.harm.is_clear());
    pair.check_equal();
  }

  TEST_CASE("a group that began before its step proves nothing for it") {
    Driver driver(testing::two_step_terms());
    driver.command(Command::Kind::start);
    const flags::Moment before{driver.state.step_began.boot - 1s,
                               driver.state.step_began.wall - 1s};
    driver.pass(20s);
    for (const std::chrono::milliseconds delay : {0ms, 2'000ms})
      driver.happen(FoundOk{{{"visit", "any", 4, delay, 100, before, driver.now()}}});
    CHECK(driver.serves_treatment());
    CHECK(driver.state.progress.fewest_complete(driver.state.terms) == 0);
    CHECK(driver.state.harm.step().pools().empty());
  }
}

}  // namespace readback::guard
