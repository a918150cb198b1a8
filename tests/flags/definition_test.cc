#include "flags/definition.h"

#include <doctest/doctest.h>

#include "flags/duration.h"

namespace readback::flags {
using namespace std::chrono_literals;
namespace {

using Json = nlohmann::json;

const Json& right() {
  static const Json flag = Json::parse(R"({
    "key": "notes-editor-v2", "owner": "team-notes", "build": "4f2c9ab",
    "variants": {"new": true, "old": false}, "safe": "old", "treatment": "new",
    "rollout": {
      "by": "practice",
      "who": {"attributes": {"speciality": ["gp", "midwife"]}, "practitioners": ["p-17"]},
      "steps": [{"share": "0.01 %", "minimum_time": "20 min", "minimum_evidence": 30},
                {"share": "100 %", "minimum_time": "1 d", "minimum_evidence": 100}],
      "bake": "7 d", "max_evidence_age": "60 s"}})");
  return flag;
}

// Every problem with `json`, as "POINTER: WHAT".
std::vector<std::string> problems_of(const Json& json) {
  std::vector<Problem> problems;
  const auto flag = parse_flag(json, "", problems);
  CHECK(flag.has_value() == problems.empty());
  std::vector<std::string> told;
  for (const Problem& problem : problems) told.push_back(problem.where + ": " + problem.what);
  return told;
}

}  // namespace

TEST_SUITE("flags/definition") {
  TEST_CASE("a flag is read whole") {
    std::vector<Problem> problems;
    const auto flag = parse_flag(right(), "/flags/0", problems);
    REQUIRE(flag);
    CHECK(flag->key == "notes-editor-v2");
    CHECK(flag->owner == "team-notes");
    CHECK(flag->build == "4f2c9ab");
    REQUIRE(flag->variants.size() == 2);
    CHECK(flag->variants[0].name == "new");
    CHECK(flag->variants[0].value == true);
    CHECK(flag->safe == "old");
    CHECK(flag->treatment == "new");
    REQUIRE(flag->rollout);
    CHECK(flag->rollout->by == Unit::practice);
    CHECK(flag->rollout->who.attributes.at("speciality") == std::set<std::string>{"gp", "midwife"});
    CHECK(flag->rollout->who.practitioners == std::set<std::string>{"p-17"});
    REQUIRE(flag->rollout->steps.size() == 2);
    CHECK(flag->rollout->steps[0].share == Share{100});
    CHECK(flag->rollout->steps[0].minimum_time == 20min);
    CHECK(flag->rollout->steps[0].minimum_evidence == 30);
    CHECK(flag->rollout->bake == 7 * 24h);
    CHECK(flag->rollout->max_evidence_age == 60s);
  }

  TEST_CASE("a flag without a rollout is unguarded and needs no treatment") {
    Json json = right();
    json.erase("rollout");
    json.erase("treatment");
    std::vector<Problem> problems;
    const auto flag = parse_flag(json, "", problems);
    REQUIRE(flag);
    CHECK_FALSE(flag->rollout);
    CHECK(flag->treatment.empty());
  }

  TEST_CASE("what is wrong is named by its pointer") {
    struct Row {
      const char* pointer;
      const char* value;  // JSON, "" to erase
      const char* told;   // the beginning of the one problem, "" for none
    };
    const Row rows[] = {
        {"/key", "\"\"", "/key: expected a text of 1 to 100 bytes"},
        {"/key", "\"a b\"", "/key: expected letters, digits and ._-"},
        {"/key", "", "/key: is missing: expected a text"},
        {"/owner", "7", "/owner: expected a text"},
        {"/build", "", "/build: is missing"},
        {"/variants", "{}", "/variants: expected variants"},
        {"/variants/new", "null", "/variants/new: expected a boolean"},
        {"/variants/old", "\"x\"",
         "/variants/old: expected a value of the same type as that of \"new\""},
        {"/variants/n w", "true", "/variants/n w: expected a name of letters"},
        {"/safe", "\"oldd\"", "/safe: expected one of the variants: new, old"},
        {"/safe", "\"new\"", "/treatment: expected another variant than the safe one"},
        {"/treatment", "", "/treatment: is missing"},
        {"/rollout", "[]", "/rollout: expected a mapping"},
        {"/rollout/by", "\"region\"", "/rollout/by: expected practitioner or practice"},
        {"/rollout/by", "\"practitioner\"", ""},
        {"/rollout/who", "", ""},
        {"/rollout/who", "7", "/rollout/who: expected a mapping"},
        {"/rollout/who/attributes/speciality", "[]",
         "/rollout/who/attributes/speciality: expected a list"},
        {"/rollout/who/attributes/speciality/1", "\"gp\"",
         "/rollout/who/attributes/speciality/1: \"gp\" is listed already"},
        {"/rollout/who/practitioners/0", "3", "/rollout/who/practitioners/0: expected a text"},
        {"/rollout/steps", "[]", "/rollout/steps: expected a list of 1 to 100 steps"},
        {"/rollout/steps/0", "3", "/rollout/steps/0: expected a mapping"},
        {"/rollout/steps/0/share", "1.3", "/rollout/steps/0/share: expected a share such as"},
        {"/rollout/steps/0/share", "\"1.3\"", "/rollout/steps/0/share: \"1.3\" is no share"},
        {"/rollout/steps/0/share", "\"101 %\"", "/rollout/steps/0/share: \"101 %\" is over 100 %"},
        {"/rollout/steps/0/share", "\"0.0099 %\"",
         "/rollout/steps/0/share: expected at least 0.01 %"},
        {"/rollout/steps/0/share", "\"0 %\"", "/rollout/steps/0/share: expected at least 0.01 %"},
        {"/rollout/steps/0/share", "\"100 %\"",
         "/rollout/steps/1/share: expected more than the step before"},
        {"/rollout/steps/1/share", "\"0.01 %\"",
         "/rollout/steps/1/share: expected more than the step before"},
        {"/rollout/steps/1/share", "\"50 %\"", ""},
        {"/rollout/steps/0/minimum_time", "20",
         "/rollout/steps/0/minimum_time: expected a duration"},
        {"/rollout/steps/0/minimum_time", "\"20\"",
         "/rollout/steps/0/minimum_time: expected a duration"},
        {"/rollout/steps/0/minimum_time", "\"0 s\"", ""},
        {"/rollout/steps/0/minimum_evidence", "0",
         "/rollout/steps/0/minimum_evidence: expected a whole number"},
        {"/rollout/steps/0/minimum_evidence", "2.5",
         "/rollout/steps/0/minimum_evidence: expected a whole"},
        {"/rollout/steps/0/minimum_evidence", "4294967297",
         "/rollout/steps/0/minimum_evidence: expected a whole"},
        {"/rollout/bake", "", "/rollout/bake: is missing: expected a duration"},
        {"/rollout/max_evidence_age", "\"5 s\"",
         "/rollout/max_evidence_age: expected more than 5 s"},
    };
    for (const Row& row : rows) {
      CAPTURE(std::string(row.pointer));
      CAPTURE(std::string(row.value));
      const Json::json_pointer pointer(row.pointer);
      Json json = right();
      if (*row.value) {
        json[pointer] = Json::parse(row.value);
      } else {
        json.at(pointer.parent_pointer()).erase(pointer.back());
      }
      const auto told = problems_of(json);
      if (*row.told == '\0') {
        CHECK(told == std::vector<std::string>{});
        continue;
      }
      for (std::size_t i = 1; i < told.size(); ++i) FAIL_CHECK(told[i]);
      REQUIRE_FALSE(told.empty());
      CHECK(told[0].substr(0, std::string_view(row.told).size()) == row.told);
    }
  }

  TEST_CASE("all problems are told at once, and any JSON is taken") {
    CHECK(problems_of(Json::parse(R"({"key": "a", "variants": 3, "rollout": {"steps": [1]}})"))
              .size() == 8);
    for (const char* text : {"null", "7", "[]", "{}", "\"x\"", R"({"rollout": null})"}) {
      CAPTURE(text);
      CHECK_FALSE(problems_of(Json::parse(text)).empty());
    }
  }
}

TEST_SUITE("flags/duration") {
  TEST_CASE("a duration is a whole number and a unit") {
    struct Row {
      const char* text;
      std::int64_t milliseconds;  // -1: refused
    };
    const Row rows[] = {{"250 ms", 250},
                        {"5 s", 5'000},
                        {"5s", 5'000},
                        {"10 min", 600'000},
                        {"1 h", 3'600'000},
                        {"7 d", 604'800'000},
                        {"0 s", 0},
                        {"366 d", 31'622'400'000},
                        {"367 d", -1},
                        {"5", -1},
                        {"", -1},
                        {"s", -1},
                        {"-5 s", -1},
                        {"+5 s", -1},
                        {"1.5 s", -1},
                        {" 5 s", -1},
                        {"5 s ", -1},
                        {"5 S", -1},
                        {"5 m", -1},
                        {"5 sec", -1},
                        {"0x5 s", -1},
                        {"0045 s", -1},
                        {"00 s", -1},
                        {"99999999999999999999 s", -1},
                        {"9223372036854775807 ms", -1}};
    for (const Row& row : rows) {
      CAPTURE(row.text);
      const auto time = parse_duration(row.text);
      CHECK(time.has_value() == (row.milliseconds >= 0));
      if (time.has_value()) CHECK(time->count() == row.milliseconds);
    }
  }

  TEST_CASE("what is formatted is read back the same") {
    for (const std::int64_t count : {0, 1, 999, 1'000, 90'000, 120'000, 3'600'000, 86'400'001}) {
      CHECK(parse_duration(format_duration(std::chrono::milliseconds(count))).value().count() ==
            count);
    }
    CHECK(format_duration(90s) == "90 s");
    CHECK(format_duration(48h) == "2 d");
  }
}

}  // namespace readback::flags
