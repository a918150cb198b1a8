#include "guard/evidence/block.h"

#include <doctest/doctest.h>

namespace readback::guard {
namespace {

using probes::Outcome;
using Together = Block::Together;
using namespace std::chrono_literals;

const probes::ReadPoint kRecord{"record", 0ms};

// Member 1 of three is treatment.
Block make_block() {
  return Block({7, "visit", "any", 3, 1, false, {10s, 10'000ms}});
}

probes::Observation found(unsigned member, Outcome outcome, bool is_void = false) {
  probes::Observation observation;
  observation.block = 7;
  observation.member = member;
  observation.arm = member == 1 ? probes::Arm::treatment : probes::Arm::control;
  observation.cell = {"visit", "interview", "any"};
  observation.read = kRecord;
  observation.outcome = outcome;
  observation.is_void = is_void;
  return observation;
}

void record(Block& block, std::optional<Outcome> outcome, unsigned member) {
  if (outcome) block.record(found(member, *outcome), {11s, 11'000ms});
}

}  // namespace

TEST_SUITE("guard/evidence/block") {
  TEST_CASE("what the controls say together, whatever treatment says") {
    struct Row {
      std::optional<Outcome> first;
      std::optional<Outcome> second;
      Together together;
    };
    const Row rows[] = {
        {Outcome::ok, Outcome::ok, Together::all_ok},
        {Outcome::ok, std::nullopt, Together::waiting},
        {std::nullopt, Outcome::info, Together::waiting},
        {Outcome::info, Outcome::ok, Together::some_info},
        {Outcome::fail, Outcome::ok, Together::some_fail},
        {Outcome::info, Outcome::fail, Together::some_fail},
        {Outcome::fail, std::nullopt, Together::some_fail},
    };
    for (const Row& row : rows) {
      for (const Outcome treatment : {Outcome::ok, Outcome::info, Outcome::fail}) {
        Block block = make_block();
        record(block, treatment, 1);
        record(block, row.first, 0);
        record(block, row.second, 2);
        CAPTURE(&row - rows);
        CHECK(block.controls("interview", kRecord) == row.together);
        CHECK(block.is_settled("interview", kRecord) == (row.first && row.second));
      }
    }
  }

  TEST_CASE("nothing is known of a read that nobody told of") {
    Block block = make_block();
    CHECK(block.treatment("interview", kRecord) == Together::waiting);
    record(block, Outcome::ok, 1);
    CHECK(block.treatment("interview", kRecord) == Together::all_ok);
    CHECK(block.treatment("interview", {"record", 2s}) == Together::waiting);
    CHECK(block.treatment("conclusion", kRecord) == Together::waiting);
    CHECK_FALSE(block.is_settled("conclusion", kRecord));
  }

  TEST_CASE("the first outcome of a read stays") {
    Block block = make_block();
    record(block, Outcome::ok, 1);
    record(block, Outcome::fail, 1);
    CHECK(block.treatment("interview", kRecord) == Together::all_ok);
  }

  TEST_CASE("a void arm is not known, and is no ok") {
    Block block = make_block();
    block.record(found(1, Outcome::ok, true), {11s, 11'000ms});
    CHECK(block.treatment("interview", kRecord) == Together::some_info);
  }

  TEST_CASE("a member that the block does not have is dropped") {
    Block block = make_block();
    block.record(found(3, Outcome::fail), {11s, 11'000ms});
    CHECK(block.controls("interview", kRecord) == Together::waiting);
  }

  TEST_CASE("the write's start is treatment's own") {
    Block block = make_block();
    CHECK_FALSE(block.treatment_write("interview").has_value());
    block.record(found(0, Outcome::ok), {12s, 12'000ms});
    CHECK_FALSE(block.treatment_write("interview").has_value());
    block.record(found(1, Outcome::ok), {11s, 11'000ms});
    CHECK(block.treatment_write("interview") == flags::Moment{11s, 11'000ms});
  }

  TEST_CASE("a write is counted once") {
    Block block = make_block();
    CHECK(block.count_once("interview"));
    CHECK_FALSE(block.count_once("interview"));
    CHECK(block.count_once("conclusion"));
  }
}

}  // namespace readback::guard
