#include "guard/evidence/block_process.h"

#include <doctest/doctest.h>

#include <cmath>

namespace readback::guard {

TEST_SUITE("guard/evidence/block_process") {
  TEST_CASE("total loss is named after 4 blocks at 1:3, and after 8 at 1:1") {
    for (const auto& [controls, wanted] : {std::pair{3U, 4}, {1U, 8}, {9U, 3}}) {
      BlockProcess process;
      int blocks = 0;
      for (; !process.crosses(); ++blocks) process.add(controls + 1, 1, true);
      CAPTURE(controls);
      CHECK(blocks == wanted);
    }
  }

  TEST_CASE("one lone failure is worth at most log(m + 1)") {
    for (const unsigned controls : {1U, 3U, 9U}) {
      BlockProcess process;
      process.add(controls + 1, 1, true);
      CHECK(process.log_e() <= std::log(controls + 1));
      CHECK(process.log_e() > 0);
    }
  }

  TEST_CASE("in every block the mean over who is treatment is 1, for each number that failed") {
    for (const unsigned members : {2U, 4U, 10U}) {
      for (unsigned failed = 0; failed <= members; ++failed) {
        BlockProcess before;
        before.add(4, 1, true);
        double mean = 0;
        for (unsigned treatment = 0; treatment < members; ++treatment) {
          BlockProcess process = before;
          process.add(members, failed, treatment < failed);
          mean += std::exp(process.log_e()) / members;
        }
        CHECK(mean == doctest::Approx(std::exp(before.log_e())).epsilon(1e-12));
      }
    }
  }

  TEST_CASE("a block in which all fail, or none, says nothing") {
    BlockProcess process;
    process.add(4, 4, true);
    process.add(4, 0, false);
    CHECK(process.log_e() == doctest::Approx(0));
    CHECK(process.blocks() == 2);
    CHECK(process.blocks_that_tell() == 0);
  }

  TEST_CASE("failing controls speak against the flag's guilt") {
    BlockProcess process;
    for (int i = 0; i < 20; ++i) process.add(4, 1, false);
    CHECK(process.log_e() < -1);
    CHECK_FALSE(process.crosses());
  }

  TEST_CASE("crossed once is crossed for ever") {
    BlockProcess process;
    for (int i = 0; i < 4; ++i) process.add(4, 1, true);
    for (int i = 0; i < 40; ++i) process.add(4, 3, false);
    CHECK(process.log_e() < process.log_limit());
    CHECK(process.crosses());
    const auto restored =
        BlockProcess::restore({}, nlohmann::json::parse(process.snapshot().dump()));
    REQUIRE(restored);
    CHECK(restored->crosses());
    CHECK(restored->log_e() == process.log_e());
    CHECK_FALSE(BlockProcess::restore({.odds = {2}}, process.snapshot()));
    CHECK_FALSE(BlockProcess::restore({}, nlohmann::json()));
  }

  TEST_CASE("what can't be meant is refused") {
    CHECK_FALSE(fault_of(BlockParameters{}));
    CHECK(fault_of(BlockParameters{.odds = {}}));
    CHECK(fault_of(BlockParameters{.odds = {1}}));
    CHECK(fault_of(BlockParameters{.odds = {4}, .weights = {1, 2}}));
    CHECK(fault_of(BlockParameters{.level = 0}));
    CHECK(fault_of(BlockParameters{.level = 1}));
  }
}

}  // namespace readback::guard
