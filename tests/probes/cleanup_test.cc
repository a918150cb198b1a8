#include "probes/cleanup.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>

#include "tests/probes/plans.h"

using namespace readback::probes;
using nlohmann::json;

namespace {

Record record(std::map<std::string, json> captures) {
  return {"shared", "synthetic-01", "synthetic-01-a", std::move(captures)};
}

// The sample with a secret in the environment, sent as `authentication` says.
Plan signed_plan(const char* authentication) {
  auto patch = json::array();
  for (const char* one : {"0", "1", "2", "3"})
    patch.push_back({{"op", "add"},
                     {"path", std::string("/practitioners/") + one + "/secret"},
                     {"value", {{"environment", "READBACK_TEST_TOKEN"}}}});
  patch.push_back({{"op", "replace"},
                   {"path", "/target/authentication"},
                   {"value", json::parse(authentication)}});
  return sample_plan(patch);
}

std::string header_of(const Plan& plan, const std::string& name) {
  const auto exchange = request(plan, Removal{record({{"visit", "v 1"}}), 0});
  REQUIRE(exchange.has_value());
  for (const auto& [key, value] : exchange->request.headers)
    if (key == name) return value;
  return "(none)";
}

}  // namespace

TEST_SUITE("probes/cleanup") {
  TEST_CASE("only what the walk made is removed") {
    const auto plan = sample_plan();
    CHECK(removals(plan, record({})).empty());
    CHECK(removals(plan, record({{"version", 3}})).empty());
    const auto steps = removals(plan, record({{"visit", "v 1"}}));
    REQUIRE(steps.size() == 1);
    const auto exchange = request(plan, steps[0]);
    REQUIRE(exchange.has_value());
    CHECK(exchange->request.method == "DELETE");
    CHECK(exchange->request.url == "http://notes.test:8090/api/visits/v%201");
    CHECK(request(plan, Removal{record({}), 0}).has_error());
    CHECK(request(plan, Removal{record({{"visit", "v 1"}}), 1}).has_error());
    auto other = record({{"visit", "v 1"}});
    other.journey = "gone";
    CHECK(removals(plan, other).empty());
    CHECK(request(plan, Removal{other, 0}).has_error());
  }

  TEST_CASE("a removal has its own check") {
    const auto plan = sample_plan();
    const auto step = removals(plan, record({{"visit", "v 1"}})).at(0);
    const auto answer = [](int status) {
      return Reply(Response{.status = status, .headers = {}, .body = ""});
    };
    CHECK(check(plan, step, answer(204)).has_value());
    CHECK(check(plan, step, answer(200)).error().what == "status 200, expected 204");
    CHECK(check(plan, step, answer(500)).has_error());
    CHECK(check(plan, step, Silence::timed_out).error().what == "no answer (timed_out)");
    CHECK(check(plan, step, answer(200)).error().where == "/journeys/0/cleanup/0");
  }

  TEST_CASE("a removal survives storage, and whatever else is stored is refused") {
    const Removal step{record({{"visit", 7}}), 2};
    const auto stored = to_json(step);
    const auto again = removal_from_json(json::parse(stored.dump()));
    REQUIRE(again.has_value());
    CHECK(to_json(*again) == stored);
    for (const auto& [key, value] : stored.items()) {
      auto other = stored;
      other[key] = "?";
      CHECK(removal_from_json(other).has_error());
      other.erase(key);
      CHECK(removal_from_json(other).has_error());
    }
    CHECK(removal_from_json(json(7)).has_error());
  }

  TEST_CASE("a secret is sent as the plan says, read anew each time") {
    setenv("READBACK_TEST_TOKEN", "medecin:secret", 1);
    CHECK(header_of(signed_plan(R"({"scheme": "bearer"})"), "Authorization") ==
          "Bearer medecin:secret");
    // printf medecin:secret | base64
    CHECK(header_of(signed_plan(R"({"scheme": "basic"})"), "Authorization") ==
          "Basic bWVkZWNpbjpzZWNyZXQ=");
    const auto plan = signed_plan(R"({"scheme": "header", "header": "X-Api-Key"})");
    CHECK(header_of(plan, "X-Api-Key") == "medecin:secret");
    CHECK(header_of(plan, "Authorization") == "(none)");
    setenv("READBACK_TEST_TOKEN", "autre", 1);
    CHECK(header_of(plan, "X-Api-Key") == "autre");
    CHECK(header_of(signed_plan(R"({"scheme": "none"})"), "Authorization") == "(none)");
    unsetenv("READBACK_TEST_TOKEN");
    CHECK(request(plan, Removal{record({{"visit", 1}}), 0}).has_error());
  }
}
