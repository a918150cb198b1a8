#include "flags/targeting/rule.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/source.h"

namespace readback::flags::targeting {
namespace {
using namespace std::chrono_literals;

using Json = nlohmann::json;

const Json kNobody = Json::object();

// What `rule` gives for `context`; a text that says so if it fails.
Json given(const Json& rule, const Json& context = kNobody, const Json& shared = kNobody) {
  const auto compiled = Rule::compile(rule, shared);
  if (compiled.has_error()) return "refused " + compiled.error().where;
  const auto value = compiled->evaluate({"flag", context, 1'700'000'000s});
  return value.has_value() ? *value : Json("failed");
}

Json parse(const char* text) {
  return Json::parse(text);
}

struct Given {
  const char* rule;
  const char* result;
};

void check_all(const std::vector<Given>& table, const Json& context) {
  for (const Given& each : table) {
    CAPTURE(each.rule);
    CHECK(given(parse(each.rule), context) == parse(each.result));
  }
}

}  // namespace

TEST_SUITE("flags/targeting/rule") {
  // tests/flags/json-logic/compatible.json is suites/compatible.json of
  // github.com/json-logic/compat-tables, Apache-2.0: the tests that JsonLogic began with.
  TEST_CASE("the 278 cases that JsonLogic began with give what they say") {
    std::ifstream in(source_path("tests/flags/json-logic/compatible.json"));
    const Json suite = Json::parse(in);
    int cases = 0;
    for (const Json& each : suite) {
      if (!each.is_object()) continue;  // a heading
      ++cases;
      CAPTURE(each.dump());
      CHECK(given(each["rule"], each.value("data", kNobody)) == each["result"]);
    }
    CHECK(cases == 278);
  }

  TEST_CASE("values are JavaScript's") {
    check_all(
        {
            {R"({"==": [1, "1"]})", "true"},
            {R"({"==": [null, 0]})", "true"},
            {R"({"==": [null, ""]})", "false"},
            {R"({"==": ["1.0", 1]})", "true"},
            {R"({"<": ["10", "9"]})", "true"},
            {R"({"<": ["10", 9]})", "false"},
            {R"({"<": [null, 1]})", "true"},
            {R"({"<": ["\uff5e", "\ud83d\ude42"]})", "false"},  // by UTF-16 units
            {R"({"===": [{"var": "list"}, {"var": "list"}]})", "true"},
            {R"({"===": [[1], [1]]})", "false"},
            {R"({"+": [" 12 ", "0x10", true, null, ""]})", "29"},
            {R"({"+": {"var": "list"}})", "6"},
            {R"({"+": [{"var": "list"}]})", "6"},
            {R"({"-": "3"})", "-3"},
            {R"({"%": [-5, 3]})", "-2"},
            {R"({"cat": ["a", null, 1.0, 0.1, 1e-7, 1e21, true]})", R"("a10.11e-71e+21true")"},
            {R"({"cat": ["a", {"var": "list"}]})", R"("a1,2,3")"},
            {R"({"cat": [{"var": "list"}]})", R"("123")"},
            {R"({"cat": [{"var": "nobody"}]})", R"("")"},
            {R"({"substr": ["a\ud83d\ude42b", 1, 2]})", R"("🙂")"},
            {R"({"substr": ["jsonlogic", 1, -5]})", R"("son")"},
            {R"({"in": ["a", null]})", "false"},
            {R"({"in": [1, "123"]})", "true"},
            {R"({"in": ["1", [1]]})", "false"},
            {R"({"if": [[], 1, {}, 2, "0", 3]})", "3"},
            {R"({"var": ["absent.deep", 7]})", "7"},
            {R"({"var": ["nothing", 7]})", "7"},
            {R"({"var": "list.1"})", "2"},
            {R"({"var": "with\\.dot"})", "true"},
            {R"({"missing": ["nothing", "absent", "list"]})", R"(["absent"])"},
            {R"({"all": [{"var": "absent"}, true]})", "false"},
            {R"({"all": ["abc", true]})", "false"},
            {R"({"some": ["abc", true]})", "false"},
            {R"({"none": [5, true]})", "true"},
            {R"({"reduce": [{"var": "list"}, {"+": [{"var": "current"},
                                                    {"var": "accumulator"}]}]})",
             "6"},
        },
        parse(R"({"list": [1, 2, 3], "nothing": null, "with.dot": true})"));
  }

  TEST_CASE("what can't be calculated fails, and only if it is come to") {
    check_all(
        {
            {R"({"<": ["abc", 18]})", R"("failed")"},
            {R"({"==": ["abc", 0]})", R"("failed")"},
            {R"({"==": [[1], 1]})", R"("failed")"},
            {R"({"+": ["abc", 1]})", R"("failed")"},
            {R"({"/": [1, 0]})", R"("failed")"},
            {R"({"%": [1, 0]})", R"("failed")"},
            {R"({"max": [1, "2"]})", R"("failed")"},
            {R"({"min": []})", R"("failed")"},
            {R"({"substr": [123, 1]})", R"("failed")"},
            {R"({"map": ["abc", 1]})", R"("failed")"},
            {R"({"some": [{"var": "who"}, 1]})", R"("failed")"},
            {R"({"reduce": [[], 1]})", R"("failed")"},
            {R"({"reduce": [[1], [[1]], 0]})", R"("failed")"},
            {R"({"<": [1]})", R"("failed")"},
            {R"({"if": {"var": "list"}})", R"("failed")"},
            {R"({"or": [false, {"<": ["abc", 18]}, 1]})", R"("failed")"},
            {R"({"if": [true, 1, {"<": ["abc", 18]}]})", "1"},
            {R"({"or": [1, {"<": ["abc", 18]}]})", "1"},
        },
        parse(R"({"who": {"a": 1}})"));
  }

  TEST_CASE("a rule that can't be compiled is refused, and where") {
    const Json shared = parse(R"({"one": {"$ref": "other"}, "other": {"$ref": "one"}})");
    CHECK(given(parse(R"({"if": [true, {"log": "x"}, 1]})")) == "refused /if/1/log");
    CHECK(given(parse(R"({"==": [1, {"a": 1, "b": 2}]})")) == "refused /==/1");
    CHECK(given(parse(R"({"!": {"$ref": "nobody"}})")) == "refused /!");
    CHECK(given(parse(R"({"!": {"$ref": "one"}})"), kNobody, shared) == "refused /!");
    CHECK(given(parse(R"({"a/b~c": 1})")) == "refused /a~1b~0c");
    Json deep = true;
    for (unsigned i = 0; i <= kDepth; ++i) deep = Json{{"!", deep}};
    CHECK(given(deep).get<std::string>().starts_with("refused"));
  }

  TEST_CASE("a shared rule stands where it is referred to, also within another") {
    const Json shared = parse(R"({"is_in": {"in": [{"var": "region"}, {"$ref": "regions"}]},
                                  "regions": ["north", "south"]})");
    const Json rule = parse(R"({"if": [{"$ref": "is_in"}, "new", "old"]})");
    CHECK(given(rule, {{"region", "south"}}, shared) == "new");
    CHECK(given(rule, {{"region", "west"}}, shared) == "old");
  }

  TEST_CASE("references that grow each other end at a bound") {
    Json shared = {{"0", Json::array({1, 1})}};
    for (int i = 1; i < 40; ++i) {
      const Json before = {{"$ref", std::to_string(i - 1)}};
      shared[std::to_string(i)] = Json::array({before, before});
    }
    CHECK(given({{"$ref", "39"}}, kNobody, shared).get<std::string>().starts_with("refused"));
  }

  TEST_CASE("an evaluation that walks lists within lists ends") {
    Json rule = 1;
    for (int i = 0; i < 10; ++i)
      rule = {{"map", Json::array({Json::array({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}), rule})}};
    CHECK(given(rule) == "failed");
    const char* const text = R"({"reduce": [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
        {"cat": [{"var": "accumulator"}, {"var": "accumulator"}]}, {"var": "long"}]})";
    CHECK(given(parse(text), {{"long", std::string(100, 'x')}}) == "failed");
    CHECK(given(parse(text), {{"long", "x"}}).get<std::string>().size() == 65'536);
  }

  TEST_CASE("flagd's properties are there, and hide what the caller sent") {
    const Json context = {{"$flagd", {{"flagKey", "mine"}}}};
    CHECK(given({{"var", "$flagd.flagKey"}}, context) == "flag");
    CHECK(given({{"var", "$flagd.timestamp"}}, context) == 1'700'000'000);
    CHECK(given({{"var", ""}}, context) ==
          parse(R"({"$flagd": {"flagKey": "flag", "timestamp": 1700000000}})"));
  }

  TEST_CASE("flagd's operators give null where they can't") {
    check_all(
        {
            {R"({"starts_with": [{"var": "email"}, "dr-"]})", "true"},
            {R"({"ends_with": [{"var": "email"}, "@a.example"]})", "true"},
            {R"({"ends_with": [{"var": "email"}, "@b.example"]})", "false"},
            {R"({"starts_with": [{"var": "age"}, "4"]})", "null"},
            {R"({"starts_with": ["a"]})", "null"},
            {R"({"some": [["ab", "c"], {"starts_with": [{"var": ""}, "a"]}]})", "true"},
            {R"({"sem_ver": [{"var": "version"}, ">=", "1.2"]})", "true"},
            {R"({"sem_ver": ["v1.2.3", "=", "V1.2.3+build"]})", "true"},
            {R"({"sem_ver": ["1.0.0-rc.1", "<", "1"]})", "true"},
            {R"({"sem_ver": ["1.3.0", "^", "1.2.9"]})", "true"},
            {R"({"sem_ver": ["1.3.0", "~", "1.2.9"]})", "false"},
            {R"({"sem_ver": [1, "!=", 1.1]})", "true"},
            {R"({"sem_ver": ["1.2.3.4", "=", "1.2.3.4"]})", "null"},
            {R"({"sem_ver": ["1", "is", "1"]})", "null"},
            {R"({"sem_ver": ["1", "="]})", "null"},
        },
        parse(R"({"email": "dr-martin@a.example", "age": 41, "version": "1.2.0"})"));
  }

  TEST_CASE("a failure doesn't hold") {
    const auto holds = [](const char* rule) {
      return Rule::compile(parse(rule))->holds({"flag", kNobody, 0s});
    };
    CHECK(holds(R"({"==": [1, 1]})"));
    CHECK_FALSE(holds(R"({"==": [1, 2]})"));
    CHECK_FALSE(holds(R"({"<": ["abc", 1]})"));
  }

  TEST_CASE("a copy of a rule outlives the rule") {
    std::optional<Rule> rule = *Rule::compile(parse(R"({"cat": ["a long text, ", "in two"]})"));
    const Rule copy = *rule;
    rule.reset();
    CHECK(copy.evaluate_name({"flag", kNobody, 0s})->value() == "a long text, in two");
  }
}

}  // namespace readback::flags::targeting
