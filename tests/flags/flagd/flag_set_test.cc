#include "flags/flagd/flag_set.h"

#include <doctest/doctest.h>

namespace readback::flags::flagd {
namespace {
using namespace std::chrono_literals;

using Json = nlohmann::json;

// One flag of each kind, for what it answers.
const char* const kSet = R"({
  "metadata": {"flagSetId": "notes", "version": 3},
  "$evaluators": {"is_gp": {"==": [{"var": "speciality"}, "gp"]}},
  "flags": {
    "plain": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
              "metadata": {"version": 4, "owner": "team-notes"}},
    "empty_targeting": {"state": "ENABLED", "variants": {"a": 1}, "defaultVariant": "a",
                        "targeting": {}},
    "no_default": {"state": "ENABLED", "variants": {"a": 1}, "defaultVariant": null},
    "disabled": {"state": "DISABLED", "variants": {"a": 1}, "defaultVariant": "a"},
    "targeted": {"state": "ENABLED", "variants": {"new": "n", "old": "o"}, "defaultVariant": "old",
                 "targeting": {"if": [{"$ref": "is_gp"}, "new"]}},
    "targeted_no_default": {"state": "ENABLED", "variants": {"true": 1, "2": 2},
                            "targeting": {"if": [{"var": "is"}, {"!!": [{"var": "is"}]},
                                                 {"var": "number"}]}},
    "unknown_variant": {"state": "ENABLED", "variants": {"a": 1}, "defaultVariant": "a",
                        "targeting": "b"},
    "broken": {"state": "ENABLED", "variants": {"a": 1}, "defaultVariant": "a",
               "targeting": {"if": [{"$ref": "nobody"}, "a"]}},
    "failing": {"state": "ENABLED", "variants": {"a": 1}, "defaultVariant": "a",
                "targeting": {"if": [{"<": [{"var": "speciality"}, 3]}, "a"]}}
  }})";

FlagSet parse(const char* text, std::size_t problem_count = 0) {
  std::vector<Problem> problems;
  auto set = FlagSet::parse(Json::parse(text), problems);
  CHECK(problems.size() == problem_count);
  REQUIRE(set.has_value());
  return std::move(*set);
}

// An answer in one line: value, variant, reason, error.
std::string told(const Answer& answer) {
  return (answer.value == nullptr ? "-" : answer.value->dump()) + " " +
         std::string(answer.variant.empty() ? "-" : answer.variant) + " " +
         std::string(to_string(answer.reason)) +
         (answer.error == ErrorCode::none ? "" : " " + std::string(to_string(answer.error)));
}

}  // namespace

TEST_SUITE("flags/flagd/flag_set") {
  TEST_CASE("each kind of flag answers as flagd does") {
    const FlagSet set = parse(kSet, 1);
    const Json gp = {{"speciality", "gp"}, {"is", true}};
    const Json nobody = {{"number", 2}};
    const struct {
      const char* key;
      const Json& context;
      const char* answer;
    } kTable[] = {
        {"plain", gp, "false off STATIC"},
        {"empty_targeting", gp, "1 a STATIC"},
        {"no_default", gp, "- - DEFAULT"},
        {"disabled", gp, "- - DISABLED"},
        {"targeted", gp, "\"n\" new TARGETING_MATCH"},
        {"targeted", nobody, "\"o\" old DEFAULT"},
        {"targeted_no_default", gp, "1 true TARGETING_MATCH"},
        {"targeted_no_default", nobody, "2 2 TARGETING_MATCH"},
        {"targeted_no_default", Json::object(), "- - DEFAULT"},
        {"unknown_variant", gp, "- - ERROR GENERAL"},
        {"broken", gp, "- - ERROR PARSE_ERROR"},
        {"failing", gp, "- - ERROR GENERAL"},
        {"failing", nobody, "1 a TARGETING_MATCH"},
        {"nobody", gp, "- - ERROR FLAG_NOT_FOUND"},
    };
    for (const auto& each : kTable) {
      CAPTURE(each.key);
      CHECK(told(set.evaluate(each.key, each.context, 0s)) == each.answer);
    }
  }

  TEST_CASE("a value of another type than asked for is none") {
    const FlagSet set = parse(kSet, 1);
    const Json nobody = Json::object();
    CHECK(told(set.evaluate("plain", nobody, 0s, Type::boolean)) == "false off STATIC");
    CHECK(told(set.evaluate("plain", nobody, 0s, Type::text)) == "- - ERROR TYPE_MISMATCH");
    CHECK(told(set.evaluate("empty_targeting", nobody, 0s, Type::number)) == "1 a STATIC");
    CHECK(told(set.evaluate("no_default", nobody, 0s, Type::object)) == "- - DEFAULT");
  }

  TEST_CASE("a flag's own metadata wins; an unknown flag has the set's") {
    const FlagSet set = parse(kSet, 1);
    const Json nobody = Json::object();
    CHECK(*set.evaluate("plain", nobody, 0s).metadata ==
          Json{{"flagSetId", "notes"}, {"version", 4}, {"owner", "team-notes"}});
    CHECK(*set.evaluate("nobody", nobody, 0s).metadata ==
          Json{{"flagSetId", "notes"}, {"version", 3}});
  }

  TEST_CASE("all at once are each one's answers, by key") {
    const FlagSet set = parse(kSet, 1);
    const Json gp = {{"speciality", "gp"}};
    const std::vector<Answer> all = set.evaluate_all(gp, 0s);
    REQUIRE(all.size() == set.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      CHECK(told(all[i]) == told(set.evaluate(all[i].key, gp, 0s)));
      if (i > 0) CHECK(all[i - 1].key < all[i].key);
    }
  }

  TEST_CASE("flags may be a list") {
    const FlagSet set = parse(R"({"flags": [
        {"key": "b", "state": "ENABLED", "variants": {"x": 1}, "defaultVariant": "x"},
        {"key": "a", "state": "ENABLED", "variants": {"y": 2}, "defaultVariant": "y"}]})");
    CHECK(told(set.evaluate("a", Json::object(), 0s)) == "2 y STATIC");
    CHECK(told(set.evaluate("b", Json::object(), 0s)) == "1 x STATIC");
  }

  TEST_CASE("a set that is none is refused, and where") {
    const struct {
      const char* text;
      const char* where;
    } kTable[] = {
        {R"([])", "/flags"},
        {R"({})", "/flags"},
        {R"({"flags": {"a": 1}})", "/flags/a"},
        {R"({"flags": {"a": {"variants": {"x": 1}}}})", "/flags/a/state"},
        {R"({"flags": {"a": {"state": "on", "variants": {"x": 1}}}})", "/flags/a/state"},
        {R"({"flags": {"a": {"state": "ENABLED"}}})", "/flags/a/variants"},
        {R"({"flags": {"a": {"state": "ENABLED", "variants": {}}}})", "/flags/a/variants"},
        {R"({"flags": {"a/b": {"state": "ENABLED", "variants": {"x": 1}, "defaultVariant": "y"}}})",
         "/flags/a~1b/defaultVariant"},
        {R"({"flags": [{"state": "ENABLED", "variants": {"x": 1}}]})", "/flags/0/key"},
        {R"({"flags": [{"key": "a", "state": "ENABLED", "variants": {"x": 1}},
                       {"key": "a", "state": "ENABLED", "variants": {"x": 1}}]})",
         "/flags"},
    };
    for (const auto& each : kTable) {
      CAPTURE(each.text);
      std::vector<Problem> problems;
      CHECK_FALSE(FlagSet::parse(Json::parse(each.text), problems).has_value());
      REQUIRE(problems.size() == 1);
      CHECK(problems.front().where == each.where);
    }
  }

  TEST_CASE("targeting that can't be compiled is told, and where") {
    std::vector<Problem> problems;
    CHECK(FlagSet::parse(Json::parse(kSet), problems).has_value());
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().where == "/flags/broken/targeting/if/0");
  }
}

}  // namespace readback::flags::flagd
