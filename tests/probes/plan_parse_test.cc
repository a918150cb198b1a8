#include "probes/plan_parse.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "embedded/plan_schema.h"
#include "guard/document.h"
#include "guard/schema.h"
#include "tests/probes/plans.h"
#include "tests/source.h"

using namespace readback::probes;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

std::string told(const std::vector<Problem>& problems) {
  std::string text;
  for (const auto& problem : problems) text += problem.where + ": " + problem.what + "\n";
  return text;
}

// What parse_plan() says of the sample with one change.
std::string problems_with(const std::string& operation, const std::string& pointer,
                          const std::string& value) {
  json change = {{"op", operation}, {"path", pointer}};
  if (operation != "remove") change["value"] = json::parse(value);
  std::vector<Problem> problems;
  const auto plan = parse_plan(sample_document().patch(json::array({change})), problems);
  CHECK(plan.has_value() == problems.empty());
  return told(problems);
}

struct Change {
  std::string operation;
  std::string pointer;
  std::string value;
  std::string problem;  // how the only line that is told begins; empty: none
};

void check(const std::vector<Change>& changes) {
  for (const auto& change : changes) {
    CAPTURE(change.pointer);
    CAPTURE(change.value);
    const auto lines = problems_with(change.operation, change.pointer, change.value);
    CAPTURE(lines);
    CHECK(lines.starts_with(change.problem));
    CHECK(lines.empty() == change.problem.empty());
  }
}

}  // namespace

TEST_SUITE("probes/plan_parse") {
  TEST_CASE("an orphan is one more practitioner, of an id and patients of his own") {
    CHECK_FALSE(sample_plan().orphan.has_value());
    const std::string secret = R"("secret": {"environment": "TOKEN"})";
    json document = sample_document();
    const std::string known = document.at("practitioners").at(0).at("id");
    const std::string patient = document.at("practitioners").at(0).at("patients").at(0);
    document["orphan"] = json::parse(R"({"id": "orphan", "patients": ["o-1"], )" + secret + "}");
    std::vector<Problem> problems;
    const auto plan = parse_plan(document, problems);
    REQUIRE(plan.has_value());
    REQUIRE(plan->orphan.has_value());
    CHECK(plan->orphan->patients == std::vector<std::string>{"o-1"});
    CHECK(plan->practitioner("orphan") == &*plan->orphan);
    CHECK(plan->practitioners.size() == sample_plan().practitioners.size());
    check({{"add", "/orphan", R"({"id": ")" + known + R"(", "patients": ["o-1"], )" + secret + "}",
            "/orphan/id: is there twice"},
           {"add", "/orphan",
            R"({"id": "orphan", "patients": [")" + patient + R"("], )" + secret + "}",
            "/orphan/patients: " + patient + " is there twice"}});
  }

  TEST_CASE("a plan is read whole") {
    const auto plan = sample_plan();
    CHECK(plan.target.base_url == "http://notes.test:8090/api");
    CHECK(plan.target.time_out == 2s);
    CHECK(plan.practitioners.size() == 4);
    CHECK(plan.practitioners[3].attributes.at("region") == "east");
    CHECK(plan.interval == 10s);
    CHECK(plan.controls == 1);
    CHECK(plan.lease_within == 5s);
    CHECK(plan.payload_classes == std::vector<std::string>{"any", "astral"});
    CHECK(plan.field("conclusion")->tolerates == std::set{LossClass::edge_whitespace});
    const auto* journey = plan.journey("shared");
    REQUIRE(journey != nullptr);
    CHECK(journey->steps.size() == 4);
    CHECK(journey->steps[3].path_taken->treatment == "new");
    CHECK(journey->steps[3].acknowledged.body[2].kind == Condition::Kind::matches);
    CHECK(journey->read("record")->delays == std::vector<Milliseconds>{0s, 2s, 1h});
    CHECK(journey->read("search")->delays == std::vector<Milliseconds>{0s, 2s});
    CHECK(journey->read("search")->deadline == 5s);
    CHECK(journey->cleanup.size() == 1);
  }

  TEST_CASE("what is left out has its default") {
    const auto plan = sample_plan(json::parse(R"([
        {"op": "remove", "path": "/payload_classes"}, {"op": "remove", "path": "/delays"},
        {"op": "remove", "path": "/rounds/jitter"}])"));
    CHECK(plan.payload_classes == std::vector<std::string>{"any", "long_text", "astral", "accents",
                                                           "angle", "html_special", "backslash",
                                                           "newlines", "edge_whitespace"});
    CHECK(plan.journey("shared")->read("search")->delays == std::vector<Milliseconds>{0s, 2s});
    CHECK(plan.jitter == 0.2);
  }

  TEST_CASE("the head of a plan is checked, each fault at its place") {
    check({
        {"replace", "/version", "2", "/version: is not 1"},
        {"replace", "/end", "\"readbac\"", "/end: the last line is not"},
        {"remove", "/end", "", "/end: the last line is not"},
        {"replace", "/target/base_url", "\"https://notes.test\"", ""},
        {"replace", "/target/base_url", "\"http://elsewhere.test\"", "/target/base_url: its host"},
        {"replace", "/target/base_url", "\"ftp://notes.test\"", "/target/base_url: is no http"},
        {"replace", "/target/base_url", "\"notes.test\"", "/target/base_url: is no http"},
        {"replace", "/target/base_url", "\"http://notes.test/?a\"", "/target/base_url: holds more"},
        {"replace", "/target/base_url", "\"http://a:b@notes.test/\"", "/target/base_url: holds"},
        {"replace", "/target/time_out", "\"0 s\"", "/target/time_out: is no time"},
        {"replace", "/target/time_out", "\"2\"", "/target/time_out: '2' is no duration"},
        {"replace", "/target/time_out", "2", "/target/time_out: is no duration"},
        {"add", "/target/reply_bytes", "1023", "/target/reply_bytes: is no whole number"},
        {"add", "/target/reply_bytes", "4294967297", "/target/reply_bytes: is no whole number"},
        {"add", "/target/reply_bytes", "2048", ""},
        {"replace", "/target/authentication/scheme", "\"bearer\"",
         "/practitioners/0/secret: is mi"},
        {"replace", "/target/authentication/scheme", "\"digest\"", "/target/authentication/scheme"},
        {"add", "/practitioners/0/secret", R"({"file": "a", "environment": "B"})",
         "/practitioners/0/secret: names either"},
        {"add", "/practitioners/0/secret", R"({"environment": "B"})", ""},
        {"replace", "/practitioners/1/id", "\"synthetic-01\"", "/practitioners/1/id: is there twi"},
        {"replace", "/practitioners/1/patients", "[]", "/practitioners/1/patients: names no"},
        {"replace", "/practitioners/1/patients", R"(["synthetic-01-a"])",
         "/practitioners/1/patients: synthetic-01-a is there twice"},
        {"replace", "/rounds/jitter", "0.91", "/rounds/jitter: is no share"},
        {"replace", "/rounds/controls", "0", "/rounds/controls: is no whole number"},
        {"replace", "/rounds/controls", "-1", "/rounds/controls: is no whole number"},
        {"replace", "/rounds/controls", "1.5", "/rounds/controls: is no whole number"},
        {"remove", "/rounds/interval", "", "/rounds/interval: is missing"},
        {"replace", "/rounds/interval", "\"0 s\"", "/rounds/interval: is no time"},
        {"replace", "/payload_classes/0", "\"ani\"", "/payload_classes/0: there is no payload cl"},
        {"replace", "/payload_classes/0", "\"composed_input\"", "/payload_classes/0: a text field"},
        {"replace", "/payload_classes/0", "\"astral\"", "/payload_classes/1: is there twice"},
        {"replace", "/payload_classes", "[]", "/payload_classes: names no payload class"},
        {"replace", "/delays", R"(["2 s", "0 s"])", "/delays/1: is not longer than"},
        {"add", "/fields/interview/tolerates", R"(["trim"])", "/fields/interview/tolerates/0: the"},
    });
  }

  TEST_CASE("what only the whole plan tells is checked") {
    check({
        // Writes may take 6 s and blocks begin every 8 s; one block more is for a repeat.
        {"remove", "/practitioners/3", "", "/practitioners: are 3, and blocks of 2 that overlap"},
        {"replace", "/rounds/interval", "\"6 s\"", "/practitioners: are 4, and blocks of 2 that o"},
        {"replace", "/rounds/controls", "2", "/practitioners: are 4, and blocks of 3 that overlap"},
        {"add", "/rounds/deadline", "\"17 s\"", "/rounds/deadline: is shorter than a round may la"},
        {"add", "/rounds/deadline", "\"1 min\"", ""},
        {"add", "/fields/motive", "{}", "/fields/motive: is required, but no required journey"},
        {"add", "/fields/motive", R"({"required": false})", ""},
        {"add", "/journeys/0/required", "false", "/fields/conclusion: is required"},
        {"replace", "/journeys/0/steps/4/delays", R"(["10 s"])", "/fields/conclusion: is required"},
        {"add", "/rounds/lease_within", "\"0 s\"", ""},
    });
  }

  TEST_CASE("steps are checked, each fault at its place") {
    check({
        {"replace", "/journeys/0/steps/0/kind", "\"do\"", "/journeys/0/steps/0/kind: is none of"},
        {"replace", "/journeys/0/steps/0/method", "\"HEAD\"",
         "/journeys/0/steps/0/method: is none"},
        {"replace", "/journeys/0/steps/0/url", "\"http://x/\"", "/journeys/0/steps/0/url: begins"},
        {"replace", "/journeys/0/steps/0/url", "\"/${visit}\"",
         "/journeys/0/steps/0/url: 'visit' is not known here, but: patient, practitioner"},
        {"replace", "/journeys/0/steps/0/url", "\"/${\"", "/journeys/0/steps/0/url: a placeholder"},
        {"add", "/journeys/0/steps/0/headers", R"({"Host": "x"})",
         "/journeys/0/steps/0/headers/Host: is set by the transport"},
        {"add", "/journeys/0/steps/0/headers", R"({"X-A:": "x"})",
         "/journeys/0/steps/0/headers/X-A:: is no name"},
        {"replace", "/journeys/0/steps/0/body/by", "\"${text:interview}\"",
         "/journeys/0/steps/0/body: 'text:interview' is of a field that is not written here"},
        {"replace", "/journeys/0/steps/0/body/by", "\"${txt:interview}\"",
         "/journeys/0/steps/0/body: 'txt:interview' is neither"},
        {"replace", "/journeys/0/steps/0/acknowledged/status", "[]",
         "/journeys/0/steps/0/acknowledged/status: names no status"},
        {"replace", "/journeys/0/steps/0/acknowledged/status/0", "99",
         "/journeys/0/steps/0/acknowledged/status/0: is no whole number"},
        {"remove", "/journeys/0/steps/1/acknowledged/body", "",
         "/journeys/0/steps/1/acknowledged/body: a write's status alone proves nothing"},
        {"add", "/journeys/0/steps/0/acknowledged/body/0/equals", "1",
         "/journeys/0/steps/0/acknowledged/body/0: says one of"},
        {"replace", "/journeys/0/steps/3/acknowledged/body/2/matches", "\"[a\"",
         "/journeys/0/steps/3/acknowledged/body/2/matches: is no regular expression"},
        {"replace", "/journeys/0/steps/3/acknowledged/body/1/equals", "\"${document}\"",
         "/journeys/0/steps/3/acknowledged/body/1/equals: 'document' is not known"},
        {"replace", "/journeys/0/steps/0/captures/visit", "\"id\"",
         "/journeys/0/steps/0/captures/visit: is no JSON Pointer"},
        {"add", "/journeys/0/steps/0/captures/patient", "\"/p\"",
         "/journeys/0/steps/0/captures: 'patient' cannot be"},
        {"remove", "/journeys/0/steps/1/writes", "", "/journeys/0/steps/1/writes: a write names"},
        {"add", "/journeys/0/steps/0/writes", R"(["interview"])",
         "/journeys/0/steps/0/writes: only a write"},
        {"replace", "/journeys/0/steps/1/writes/0", "\"intervieuw\"",
         "/journeys/0/steps/1/writes: there is no field 'intervieuw'"},
        {"replace", "/journeys/0/steps/1/body", R"({"interview": "x"})",
         "/journeys/0/steps/1/writes: nothing here holds ${text:interview}"},
        {"replace", "/journeys/0/steps/3/path_taken/control", "\"new\"",
         "/journeys/0/steps/3/path_taken: treatment and control are the same"},
        {"replace", "/journeys/0/steps/3/name", "\"create\"",
         "/journeys/0/steps/3/name: 'create' is there twice"},
        {"replace", "/journeys/0/steps/0/name", "\"make it\"", "/journeys/0/steps/0/name: is more"},
    });
  }

  TEST_CASE("reads and clean-ups are checked, each fault at its place") {
    check({
        {"add", "/journeys/0/steps/6",
         R"({"kind": "act", "name": "close", "method": "POST", "url": "/x",
             "acknowledged": {"status": [200]}})",
         "/journeys/0/steps/6: comes after a read"},
        {"replace", "/journeys/0/steps/5/path", "\"record\"",
         "/journeys/0/steps/5/path: 'record' is there twice"},
        {"add", "/journeys/0/steps/5/fields/motive", "\"/motive\"",
         "/journeys/0/steps/5/fields: 'motive' is written by no step before"},
        {"replace", "/journeys/0/steps/5/fields", "{}", "/journeys/0/steps/5/fields: a read names"},
        {"add", "/payload_classes/-", "\"numeric_like\"",
         "/journeys/0/steps/5: looks for a nonce, and 'numeric_like' has no room"},
        {"replace", "/journeys/0/steps/5/find/where/equals", "\"${document}\"",
         "/journeys/0/steps/5/find/where/equals: 'document' is not known"},
        {"replace", "/journeys/0/steps/5/find/items", "\"found\"",
         "/journeys/0/steps/5/find/items: is no JSON Pointer"},
        {"add", "/journeys/0/steps/5/body", "{}",
         "/journeys/0/steps/5/body: a GET carries no body"},
        {"replace", "/journeys/0/cleanup/0/url", "\"/patients/${patient}/visits\"",
         "/journeys/0/cleanup/0: names nothing that the journey captured"},
        {"replace", "/journeys/0/cleanup/0/url", "\"/visits/${visit}/${nonce:interview}\"",
         "/journeys/0/cleanup/0/url: 'nonce:interview' is of a field that is not"},
        {"remove", "/journeys/0/cleanup", "", ""},
        {"replace", "/journeys/0/steps", "[]", "/journeys/0/steps: no step writes a field"},
        {"replace", "/journeys", "[]", "/journeys: names no journey"},
    });
  }

  TEST_CASE("every problem is told at once") {
    auto document = sample_document();
    document["version"] = 2;
    document["rounds"]["jitter"] = 2;
    document["journeys"][0]["steps"][0]["url"] = "x";
    document.erase("end");
    std::vector<Problem> problems;
    CHECK_FALSE(parse_plan(document, problems).has_value());
    CHECK_MESSAGE(problems.size() == 4, told(problems));
  }

  // Whatever stands in place of any part, nothing is thrown and something is told.
  TEST_CASE("a plan of any other shape is refused without a crash") {
    const auto flat = sample_document().flatten();
    const json others[] = {nullptr,
                           1,
                           -1,
                           1e300,
                           true,
                           "",
                           "x",
                           json::array(),
                           json::object(),
                           json::array({json::object()}),
                           {{"x", 1}}};
    std::size_t tried = 0;
    for (const auto& other : others) {
      std::vector<Problem> problems;
      CHECK_FALSE(parse_plan(other, problems).has_value());
      CHECK_FALSE(problems.empty());
      for (const auto& [pointer, leaf] : flat.items()) {
        for (auto at = json::json_pointer(pointer); !at.empty(); at = at.parent_pointer()) {
          auto document = sample_document();
          document[at] = other;
          problems.clear();
          const auto plan = parse_plan(document, problems);
          REQUIRE(plan.has_value() == problems.empty());
          ++tried;
        }
      }
    }
    CHECK(tried > 3'000);
  }

  // The first of parse_plan()'s two judges; a key that no schema names would be ignored by both.
  TEST_CASE("the schema takes the sample, and an unknown key nowhere") {
    const auto faults_of = [](const json& document) {
      std::vector<readback::guard::Fault> faults;
      const auto read = readback::guard::parse_document("plan.json", document.dump(), faults);
      REQUIRE(read.has_value());
      readback::guard::check_schema(*read, readback::embedded::plan_schema, faults);
      return faults.empty() ? std::string() : to_string(faults.front());
    };
    CHECK(faults_of(sample_document()) == "");
    const auto sample = sample_document();
    const auto flat = sample.flatten();
    std::set<std::string> objects;
    for (const auto& [pointer, leaf] : flat.items())
      for (auto at = json::json_pointer(pointer); !at.empty(); at = at.parent_pointer())
        if (sample[at.parent_pointer()].is_object())
          objects.insert(at.parent_pointer().to_string());
    // Names are free here: attributes, fields, bodies, captures, headers.
    const auto is_free = [](const std::string& pointer) {
      for (const char* end : {"/attributes", "/fields", "/steps/0/body", "/steps/1/body",
                              "/steps/3/body", "/captures", "/headers"})
        if (pointer.ends_with(end)) return true;
      return false;
    };
    std::size_t tried = 0;
    for (const auto& pointer : objects) {
      if (is_free(pointer)) continue;
      auto document = sample;
      document[json::json_pointer(pointer)]["acknowleged"] = 1;
      CAPTURE(pointer);
      CHECK(faults_of(document).find("acknowleged") != std::string::npos);
      ++tried;
    }
    CHECK(tried > 15);
  }

  TEST_CASE("the demo's plans are right, and the second lacks the document") {
    for (const char* name : {"plan.yaml", "plan-without-document.yaml"}) {
      CAPTURE(name);
      std::vector<readback::guard::Fault> faults;
      const auto document = readback::guard::read_document(
          readback::source_path(std::string("configs/demo/") + name), faults);
      REQUIRE(document.has_value());
      readback::guard::check_schema(*document, readback::embedded::plan_schema, faults);
      for (const auto& fault : faults) FAIL_CHECK(to_string(fault));
      std::vector<Problem> problems;
      const auto plan = parse_plan(document->json, problems);
      REQUIRE_MESSAGE(plan.has_value(), told(problems));
      CHECK((plan->journey("note-with-shared-document") != nullptr) ==
            (std::string(name) == "plan.yaml"));
      CHECK(plan->reads(*plan->journey("note-alone"), "interview").size() == 9);
    }
  }
}
