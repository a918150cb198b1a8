#include "guard/evidence/harm.h"

#include <doctest/doctest.h>

#include <map>

namespace readback::guard {
namespace {

using probes::Outcome;
using Finding = Harm::Finding;
using namespace std::chrono_literals;

const probes::ReadPoint kRecord{"record", 0ms};
const probes::ReadPoint kLater{"record", 60s};
const probes::Cell kCell{"visit", "interview", "astral"};

// Blocks of one treatment (member 0) and two controls; each outcome is told as it comes.
class Told {
 public:
  void open(std::uint64_t number) {
    blocks_.emplace(number, Block({number, "visit", "astral", 3, 0, false, {1s * number, 0ms}}));
  }
  // `is_known`: false for a block that was opened before a restart.
  void tell(std::uint64_t number, unsigned member, Outcome outcome,
            const probes::ReadPoint& read = kRecord, const probes::Cell& cell = kCell,
            bool is_void = false) {
    probes::Observation observation;
    observation.block = number;
    observation.member = member;
    observation.arm = member == 0 ? probes::Arm::treatment : probes::Arm::control;
    observation.cell = cell;
    observation.read = read;
    observation.outcome = outcome;
    observation.loss_class = loss_class;
    observation.is_void = is_void;
    const auto found = blocks_.find(number);
    Block* const block = found == blocks_.end() ? nullptr : &found->second;
    const flags::Moment began{1s * number, 1'000ms * number};
    if (block != nullptr) block->record(observation, began);
    harm.observe(observation, block, began);
  }
  void block(std::uint64_t number, Outcome treatment, Outcome one, Outcome other) {
    open(number);
    tell(number, 0, treatment);
    tell(number, 1, one);
    tell(number, 2, other);
  }
  void healthy(std::uint64_t from, unsigned count) {
    for (unsigned i = 0; i < count; ++i) block(from + i, Outcome::ok, Outcome::ok, Outcome::ok);
  }

  Harm harm;
  probes::LossClass loss_class = probes::LossClass::field_missing;  // of what fails next

 private:
  std::map<std::uint64_t, Block> blocks_;
};

constexpr Outcome kOk = Outcome::ok;
constexpr Outcome kFail = Outcome::fail;
constexpr Outcome kInfo = Outcome::info;

}  // namespace

TEST_SUITE("guard/evidence/harm") {
  TEST_CASE("what two blocks amount to") {
    struct Row {
      Outcome first[3];  // treatment, control, control
      Outcome second[3];
      Finding after_first;
      Finding after_second;
    };
    const Row rows[] = {
        {{kOk, kOk, kOk}, {kOk, kOk, kOk}, Finding::none, Finding::none},
        {{kFail, kOk, kOk}, {kFail, kOk, kOk}, Finding::suspect, Finding::flag},
        {{kFail, kInfo, kOk}, {kFail, kOk, kOk}, Finding::suspect, Finding::flag},
        {{kFail, kOk, kOk}, {kFail, kInfo, kOk}, Finding::suspect, Finding::suspect},
        {{kFail, kOk, kOk}, {kOk, kOk, kOk}, Finding::suspect, Finding::suspect},
        {{kFail, kOk, kOk}, {kInfo, kOk, kOk}, Finding::suspect, Finding::suspect},
        {{kFail, kOk, kOk}, {kFail, kOk, kFail}, Finding::suspect, Finding::platform},
        {{kFail, kFail, kOk}, {kFail, kOk, kOk}, Finding::platform, Finding::platform},
        {{kOk, kFail, kOk}, {kOk, kFail, kFail}, Finding::none, Finding::none},
        {{kInfo, kInfo, kInfo}, {kInfo, kInfo, kInfo}, Finding::none, Finding::none},
    };
    for (const Row& row : rows) {
      CAPTURE(&row - rows);
      Told told;
      told.block(1, row.first[0], row.first[1], row.first[2]);
      CHECK(told.harm.finding() == row.after_first);
      told.block(2, row.second[0], row.second[1], row.second[2]);
      CHECK(told.harm.finding() == row.after_second);
    }
  }

  TEST_CASE("the controls' word counts whether it comes before treatment's or after it") {
    for (const unsigned last : {0U, 1U, 2U}) {
      CAPTURE(last);
      Told told;
      told.block(1, kFail, kOk, kOk);
      told.open(2);
      for (const unsigned member : {0U, 1U, 2U})
        if (member != last) told.tell(2, member, member == 0 ? kFail : kOk);
      CHECK(told.harm.finding() == Finding::suspect);
      told.tell(2, last, last == 0 ? kFail : kOk);
      CHECK(told.harm.finding() == Finding::flag);
      CHECK(told.harm.conviction()->cell == kCell);
      CHECK(told.harm.conviction()->first_failed_write == flags::Moment{1s, 1'000ms});
    }
  }

  TEST_CASE("a later read that fails convicts by the controls of that very read") {
    Told told;
    told.block(1, kFail, kOk, kOk);
    told.block(2, kOk, kOk, kOk);
    told.tell(2, 0, kFail, kLater);
    CHECK(told.harm.finding() == Finding::suspect);
    told.tell(2, 1, kOk, kLater);
    CHECK(told.harm.finding() == Finding::suspect);
    told.tell(2, 2, kOk, kLater);
    CHECK(told.harm.finding() == Finding::flag);
    CHECK(told.harm.conviction()->read == kLater);
  }

  TEST_CASE("a conviction names what its own read found, not what another path found last") {
    const auto fail_twice = [](Told& told, std::uint64_t number) {
      told.open(number);
      told.loss_class = probes::LossClass::foreign;
      told.tell(number, 0, kFail, kRecord);
      told.loss_class = probes::LossClass::record_missing;
      told.tell(number, 0, kFail, {"search", 0ms});
    };
    for (const bool is_restarted : {false, true}) {
      CAPTURE(is_restarted);
      Told told;
      fail_twice(told, 1);
      if (is_restarted) told.harm = Harm::restore(told.harm.durable(), {500s, 61'000ms});
      fail_twice(told, 2);
      told.tell(2, 1, kOk);
      told.tell(2, 2, kOk);
      REQUIRE(told.harm.finding() == Finding::flag);
      CHECK(told.harm.conviction()->read == kRecord);
      CHECK(told.harm.conviction()->loss_class == probes::LossClass::foreign);
    }
  }

  TEST_CASE("another cell is another trouble") {
    Told told;
    told.block(1, kFail, kOk, kOk);
    told.open(2);
    const probes::Cell other{"visit", "conclusion", "astral"};
    told.tell(2, 0, kFail, kRecord, other);
    told.tell(2, 1, kOk, kRecord, other);
    told.tell(2, 2, kOk, kRecord, other);
    CHECK(told.harm.finding() == Finding::suspect);
    CHECK(told.harm.suspects().size() == 2);
  }

  TEST_CASE("void counts for nothing, a failure of it included") {
    Told told;
    told.open(1);
    told.tell(1, 0, kFail, kRecord, kCell, true);
    CHECK(told.harm.finding() == Finding::none);
    told.tell(1, 1, kFail, kRecord, kCell, true);
    CHECK(told.harm.ill_controls().empty());
  }

  TEST_CASE("twenty oks in a row clear a cell, in blocks without a failure of control") {
    Told told;
    told.block(1, kFail, kOk, kOk);
    told.healthy(2, kOksToClear - 1);
    CHECK(told.harm.finding() == Finding::suspect);
    SUBCASE("the twentieth clears it") {
      told.healthy(100, 1);
      CHECK(told.harm.finding() == Finding::none);
    }
    SUBCASE("info of treatment is no ok") {
      told.block(100, kInfo, kOk, kOk);
      CHECK(told.harm.finding() == Finding::suspect);
    }
    SUBCASE("a failure in between begins the count anew") {
      told.block(100, kFail, kInfo, kOk);
      told.healthy(101, kOksToClear - 1);
      CHECK(told.harm.finding() == Finding::suspect);
      told.healthy(200, 1);
      CHECK(told.harm.finding() == Finding::none);
    }
  }

  TEST_CASE("a platform pause is cleared the same way") {
    Told told;
    told.block(1, kFail, kFail, kOk);
    told.healthy(2, kOksToClear);
    CHECK(told.harm.finding() == Finding::none);
    CHECK(told.harm.ill_controls().empty());
  }

  TEST_CASE("once cleared, one failure convicts until the step is over") {
    Told told;
    told.block(1, kFail, kOk, kOk);
    told.healthy(2, kOksToClear);
    SUBCASE("within the step") {
      told.block(100, kFail, kOk, kOk);
      CHECK(told.harm.finding() == Finding::flag);
    }
    SUBCASE("in the next step") {
      told.harm.begin_step();
      told.block(100, kFail, kOk, kOk);
      CHECK(told.harm.finding() == Finding::suspect);
    }
  }

  TEST_CASE("control that fails alone is ill until twenty oks of it") {
    Told told;
    told.block(1, kOk, kFail, kOk);
    REQUIRE(told.harm.ill_controls().size() == 1);
    CHECK(told.harm.words().find("reverting is unsafe") != std::string::npos);
    told.healthy(2, kOksToClear / 2);  // Two controls each.
    CHECK(told.harm.ill_controls().empty());
  }

  TEST_CASE(
      "a suspicion outlives a restart, and a failing re-read of its block is the same write") {
    Told before;
    before.block(1, kFail, kOk, kOk);
    Told after;
    after.harm = Harm::restore(before.harm.durable(), {500s, 61'000ms});
    CHECK(after.harm.finding() == Finding::suspect);
    CHECK(after.harm.suspects() == before.harm.suspects());
    after.tell(1, 0, kFail, kLater);
    CHECK(after.harm.finding() == Finding::suspect);
    after.block(2, kFail, kOk, kOk);
    REQUIRE(after.harm.finding() == Finding::flag);
    // A minute of wall time before the restart is a minute of boot time before it.
    CHECK(after.harm.conviction()->first_failed_write == flags::Moment{440s, 1'000ms});
  }

  TEST_CASE("what cannot be read of a stored suspicion is left out, and nothing crashes") {
    for (const char* text : {"null", "7", "{}", "[]", "[7]", "[null]"}) {
      CAPTURE(text);
      CHECK(Harm::restore(nlohmann::json::parse(text), {}).finding() == Finding::none);
    }
    CHECK(Harm::restore(nlohmann::json::parse(R"([{"journey": "visit"}])"), {}).finding() ==
          Finding::suspect);
  }
}

}  // namespace readback::guard
