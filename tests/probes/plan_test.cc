#include "probes/plan.h"

#include <doctest/doctest.h>

#include "tests/probes/plans.h"

using namespace readback::probes;
using namespace std::chrono_literals;
using nlohmann::json;

TEST_SUITE("probes/plan") {
  TEST_CASE("spans and rounds are the sums of what they may take") {
    const auto plan = sample_plan();
    const auto& journey = *plan.journey("shared");
    // create 2 s, autosave 1 s, share 2 s, save 1 s.
    CHECK(write_span(plan, journey) == 6s);
    CHECK(walk_span(plan, journey) == 6s);
    // 6 s, settle 100 ms, search at 2 s until 7 s, a last read 2 s, confirming 2 s. The re-read
    // after 1 h is no part of a round.
    CHECK(longest_round(plan) == 17'100ms);
    CHECK(plan.round_deadline == 17'100ms);
    CHECK(overlap(plan, journey) == 1);
    CHECK(practitioners_needed(plan) == 4);
  }

  TEST_CASE("an act after the last write delays the round, not the next block") {
    const auto plan = sample_plan(json::parse(R"([{"op": "add", "path": "/journeys/0/steps/4",
        "value": {"kind": "act", "name": "close", "method": "POST", "url": "/x",
                  "acknowledged": {"status": [200]}}}])"));
    CHECK(write_span(plan, plan.journeys[0]) == 6s);
    CHECK(walk_span(plan, plan.journeys[0]) == 8s);
  }

  TEST_CASE("the lease needs every path that reads the field soon enough") {
    const auto plan = sample_plan();
    const auto& journey = *plan.journey("shared");
    using Points = std::vector<ReadPoint>;
    CHECK(plan.lease_reads(journey, "interview") ==
          Points{{"record", 0s}, {"record", 2s}, {"search", 0s}, {"search", 2s}});
    CHECK(plan.lease_reads(journey, "conclusion") == Points{{"record", 0s}, {"record", 2s}});
    CHECK(plan.reads(journey, "conclusion") ==
          Points{{"record", 0s}, {"record", 2s}, {"record", 1h}});
    CHECK(plan.reads(journey, "motive").empty());
    CHECK(plan.probed_fields(journey) == std::vector<std::string>{"conclusion", "interview"});
  }
}
