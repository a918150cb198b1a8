#include "probes/coverage.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "probes/plan_parse.h"
#include "tests/probes/plans.h"

using namespace readback::probes;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

using Names = std::vector<std::string>;

// Everything that a read-back can be found with.
json every_loss() {
  json names = json::array();
  for (std::size_t i = 0; i < kLossClasses; ++i)
    names.push_back(to_string(static_cast<LossClass>(i)));
  return names;
}

json tolerating_everything(const std::string& field) {
  return {{"op", "add"}, {"path", "/fields/" + field + "/tolerates"}, {"value", every_loss()}};
}

std::vector<Problem> problems_of(const json& patch) {
  std::vector<Problem> problems;
  const auto plan = parse_plan(sample_document().patch(patch), problems);
  CHECK(plan.has_value() == problems.empty());
  return problems;
}

}  // namespace

TEST_SUITE("probes/coverage") {
  TEST_CASE("what is not probed is named") {
    auto covered = not_covered(sample_plan());
    CHECK(covered.fields.empty());
    CHECK(covered.unread.empty());
    CHECK(covered.not_required.empty());
    CHECK(covered.without_interference.empty());
    CHECK(covered.longest_delay == 1h);
    const auto has = [&](const char* name) {
      return std::binary_search(covered.payload_classes.begin(), covered.payload_classes.end(),
                                name);
    };
    CHECK(has("accents"));
    CHECK(has("composed_input"));
    CHECK_FALSE(has("astral"));
    covered = not_covered(sample_plan(json::parse(R"([
        {"op": "add", "path": "/fields/motive", "value": {"required": false}},
        {"op": "replace", "path": "/fields/conclusion", "value": {"required": false}},
        {"op": "remove", "path": "/journeys/0/steps/4/fields/conclusion"},
        {"op": "remove", "path": "/journeys/0/steps/2/interferes"}])")));
    CHECK(covered.fields == Names{"conclusion", "motive"});
    CHECK(covered.unread == Names{"shared: conclusion"});
    CHECK(covered.without_interference == Names{"shared"});
  }

  TEST_CASE("what would be lost unnoticed is named, and warned of") {
    const auto healthy = sample_plan();
    CHECK(not_covered(healthy).tolerated == Names{"conclusion: edge_whitespace"});
    CHECK(not_covered(healthy).cannot_fail.empty());
    CHECK(warnings(healthy).empty());

    const auto blind = sample_plan(json::array({tolerating_everything("conclusion")}));
    CHECK(not_covered(blind).cannot_fail == Names{"conclusion"});
    CHECK(not_covered(blind).tolerated.empty());
    REQUIRE(warnings(blind).size() == 1);
    CHECK(warnings(blind).front().find("'conclusion'") != std::string::npos);

    json nearly = tolerating_everything("conclusion");
    std::erase(nearly["value"].get_ref<json::array_t&>(), "fragmented");
    const auto one_left = sample_plan(json::array({nearly}));
    CHECK(not_covered(one_left).cannot_fail.empty());
    CHECK(not_covered(one_left).tolerated.size() > 20);
    CHECK(warnings(one_left).empty());
  }

  TEST_CASE("fields whose evidence is not asked for are named") {
    const auto plan = sample_plan(
        json::parse(R"([{"op": "add", "path": "/fields/conclusion/required", "value": false}])"));
    CHECK(not_covered(plan).not_required == Names{"shared: conclusion"});
  }

  TEST_CASE("writes whose answer names no path are named, a journey without any is warned of") {
    CHECK(not_covered(sample_plan()).path_unnamed == Names{"shared: autosave"});
    const auto plan =
        sample_plan(json::parse(R"([{"op": "remove", "path": "/journeys/0/steps/3/path_taken"}])"));
    CHECK(not_covered(plan).path_unnamed == Names{"shared: autosave", "shared: save"});
    REQUIRE(warnings(plan).size() == 1);
    CHECK(warnings(plan).front().find("path_taken") != std::string::npos);
  }

  TEST_CASE("a plan in which nothing required can fail is refused") {
    CHECK(problems_of(json::array()).empty());
    for (const json& patch :
         {json::parse(R"([{"op": "add", "path": "/fields/interview/required", "value": false},
                          {"op": "add", "path": "/fields/conclusion/required", "value": false}])"),
          json::array({tolerating_everything("interview"), tolerating_everything("conclusion")}),
          json::array(
              {tolerating_everything("interview"),
               {{"op", "add"}, {"path", "/fields/conclusion/required"}, {"value", false}}})}) {
      const auto problems = problems_of(patch);
      REQUIRE(problems.size() == 1);
      CHECK(problems.front().where == "/fields");
      CHECK(problems.front().what.find("can fail") != std::string::npos);
    }
  }
}
