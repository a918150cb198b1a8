#include "guard/schema.h"

#include <doctest/doctest.h>

namespace readback::guard {
namespace {

constexpr std::string_view kSchema = R"({
  "type": "object", "additionalProperties": false, "required": ["name", "end"],
  "properties": {
    "name": {"title": "a name", "type": "string", "pattern": "^[a-z]{1,8}$"},
    "count": {"type": "integer", "minimum": 1, "maximum": 9},
    "mode": {"enum": ["fast", "slow"]},
    "version": {"const": 1},
    "either": {"type": ["string", "boolean"]},
    "items": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/item"}},
    "secret": {"oneOf": [{"$ref": "#/definitions/file"}, {"$ref": "#/definitions/variable"}]},
    "labels": {"type": "object", "additionalProperties": {"title": "a text", "type": "string"}},
    "end": {"const": "readback"}
  },
  "definitions": {
    "item": {"title": "an item", "type": "object", "additionalProperties": false,
             "required": ["delay"],
             "properties": {"delay": {"title": "a duration", "type": "string"},
                            "deadline": {"type": "string"}}},
    "file": {"type": "object", "additionalProperties": false, "required": ["file"],
             "properties": {"file": {"type": "string"}}},
    "variable": {"type": "object", "additionalProperties": false, "required": ["environment"],
                 "properties": {"environment": {"type": "string"}}}
  }
})";

std::vector<std::string> faults_of(const std::string& yaml) {
  std::vector<Fault> faults;
  const auto document = parse_document("f", yaml, faults);
  if (document) check_schema(*document, kSchema, faults);
  std::vector<std::string> told;
  for (const Fault& fault : in_order(faults, {"f"})) told.push_back(to_string(fault).substr(2));
  return told;
}

using Told = std::vector<std::string>;

std::string lines(const Told& told) {
  std::string text;
  for (const std::string& line : told) text += line + "\n";
  return text;
}

}  // namespace

TEST_SUITE("guard/schema") {
  TEST_CASE("each kind of refusal says where and what was expected") {
    struct Row {
      const char* line;  // the second; the first names the name
      Told told;
    };
    const Row rows[] = {
        {"count: 3", {}},
        {"secret: {file: x}", {}},
        {"secret: {environment: X}", {}},
        {"labels: {a: x, b: z}", {}},
        {"items: [{delay: 2 s}]", {}},
        {"count: 10", {"2:8: expected a whole number from 1 to 9, not the number 10"}},
        {"count: 1.5", {"2:8: expected a whole number from 1 to 9, not the number 1.5"}},
        {"count: \"3\"", {"2:8: expected a whole number from 1 to 9, not \"3\""}},
        {"count:", {"2:1: expected a whole number from 1 to 9, not nothing"}},
        {"mode: fsat", {"2:7: expected one of fast, slow, not \"fsat\""}},
        {"version: 2", {"2:10: expected 1, not the number 2"}},
        {"either: 3", {"2:9: expected a text or true or false, not the number 3"}},
        {"items: []", {"2:8: expected a list, minItems 1, not an empty list"}},
        {"items: [3]", {"2:9: expected an item, not the number 3"}},
        {"items: [{}]", {"2:9: \"delay\" is missing: expected a duration"}},
        {"items: [{delay: 3}]", {"2:17: expected a duration, not the number 3"}},
        {"items: [{delay: 2 s, daedline: 3 s}]",
         {"2:22: unknown key \"daedline\": did you mean \"deadline\"?"}},
        {"items: [{delay: 2 s, zzz: 3 s}]",
         {"2:22: unknown key \"zzz\": expected one of deadline, delay"}},
        {"labels: {a: x, b: 3}", {"2:19: expected a text, not the number 3"}},
        {"secret: {}", {"2:1: expected exactly one of the keys environment, file"}},
        {"secret: {file: x, environment: X}",
         {"2:1: expected exactly one of the keys environment, file"}},
        {"secret: {fiel: x}", {"2:10: unknown key \"fiel\": did you mean \"file\"?"}},
        {"secret: {file: 3}", {"2:16: expected a text, not the number 3"}},
    };
    for (const Row& row : rows) {
      CHECK(lines(faults_of("name: abc\n" + std::string(row.line) + "\nend: readback\n")) ==
            lines(row.told));
    }
  }

  TEST_CASE("all that is wrong is told at once, in the order of the file") {
    CHECK(faults_of(
              "nmae: abc\ncuont: 3\nmode: 7\nitems: [{}, 3, {delay: [], x: 1}]\nend: readback\n") ==
          Told{"1:1: unknown key \"nmae\": did you mean \"name\"?",
               "2:1: unknown key \"cuont\": did you mean \"count\"?",
               "3:7: expected one of fast, slow, not the number 7",
               "4:9: \"delay\" is missing: expected a duration",
               "4:13: expected an item, not the number 3",
               "4:24: expected a duration, not an empty list",
               "4:28: unknown key \"x\": expected one of deadline, delay"});
  }

  TEST_CASE("what is no mapping at all is refused, and a missing end is left to others") {
    CHECK(faults_of("- 1\n- 2\n") == Told{"1:1: expected a mapping, not a list of 2"});
    CHECK(faults_of("text\n") == Told{"1:1: expected a mapping, not \"text\""});
    CHECK(faults_of("name: abc\n") == Told{});
    CHECK(faults_of("nam: abc\n") == Told{"1:1: unknown key \"nam\": did you mean \"name\"?"});
  }

  TEST_CASE("the longest text that a document may hold does not overflow a pattern's stack") {
    const auto told = faults_of("name: " + std::string(kDocumentText, 'a') + "\nend: readback\n");
    REQUIRE(told.size() == 1);
    CHECK(told[0] == "1:7: expected a name, not a text of 4096 bytes");
  }

  TEST_CASE("the nearest key is at most two letters away") {
    const std::set<std::string> keys = {"share", "minimum_time", "minimum_evidence", "by", "bake"};
    CHECK(nearest_key("shar", keys) == "share");
    CHECK(nearest_key("minimum_tmie", keys) == "minimum_time");
    CHECK(nearest_key("minimumevidence", keys) == "minimum_evidence");
    CHECK(nearest_key("owner", keys).empty());
    CHECK(nearest_key("", keys).empty());
    CHECK(nearest_key(std::string(4'000, 'x'), keys).empty());
  }
}

}  // namespace readback::guard
