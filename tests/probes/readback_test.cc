#include "probes/readback.h"

#include <doctest/doctest.h>

#include "probes/digest.h"
#include "probes/payload.h"
#include "probes/token.h"
#include "tests/probes/plans.h"

using namespace readback::probes;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

std::string text(std::uint64_t seed, const char* field) {
  return make_text("any", seed, field).value();
}

WrittenField written(const char* field, std::uint64_t seed) {
  return {field, seed, sha256_hex(text(seed, field)), std::nullopt, std::nullopt};
}

// Both fields by the path "record", with an earlier text of the interview.
ReadBack by_record() {
  ReadBack read;
  read.record = {"shared", "synthetic-01", "synthetic-01-a", {{"visit", "v 1"}, {"version", 3}}};
  read.block = ~0ULL;
  read.member = 3;
  read.arm = Arm::treatment;
  read.payload_class = "any";
  read.read = {"record", 2s};
  read.deadline = 3s;
  read.fields = {written("conclusion", 51), written("interview", 51)};
  read.fields[1].previous_seed = 50;
  return read;
}

ReadBack by_search() {
  auto read = by_record();
  read.read = {"search", 0s};
  read.beside = {read.fields[0]};
  read.fields.erase(read.fields.begin());
  return read;
}

Reply answer(int status, const json& body) {
  return Response{.status = status, .headers = {}, .body = body.dump()};
}

Reply note(const json& interview, const json& conclusion) {
  return answer(200, {{"note", {{"interview", interview}, {"conclusion", conclusion}}}});
}

struct Expected {
  Outcome outcome;
  LossClass loss_class;
};

void check(const FieldReading& reading, const Expected& expected) {
  CAPTURE(reading.explanation);
  CHECK(to_string(reading.outcome) == to_string(expected.outcome));
  CHECK(to_string(reading.loss_class) == to_string(expected.loss_class));
}

constexpr Expected kOk{Outcome::ok, LossClass::equal};
constexpr Expected kInfo{Outcome::info, LossClass::indeterminate};
constexpr Expected kMissing{Outcome::fail, LossClass::record_missing};
constexpr Expected kNoField{Outcome::fail, LossClass::field_missing};

}  // namespace

TEST_SUITE("probes/readback") {
  TEST_CASE("a read-back survives storage, and its stored form holds no text") {
    const auto plan = sample_plan();
    auto read = by_record();
    read.fields[0].unknown_seed = ~0ULL;
    read.beside = {written("interview", 9)};
    const auto stored = to_json(read).dump();
    CHECK(stored.find(text(51, "interview").substr(0, kTokenLength)) == stored.npos);
    const auto again = read_back_from_json(json::parse(stored));
    REQUIRE(again.has_value());
    CHECK(to_json(*again).dump() == stored);
    CHECK(again->block == ~0ULL);
    CHECK(again->fields[0].unknown_seed == ~0ULL);
    CHECK(again->fields[1].previous_seed == 50U);
    CHECK(again->record.captures.at("version") == 3);
    CHECK(request(plan, *again)->request.url == request(plan, read)->request.url);
  }

  TEST_CASE("whatever else is stored is refused") {
    const auto stored = to_json(by_record());
    for (const auto& [key, value] : stored.items()) {
      CAPTURE(key);
      auto without = stored;
      without.erase(key);
      if (key != "beside") CHECK(read_back_from_json(without).has_error());
      auto other = stored;
      other[key] = "?";
      if (key != "payload_class" && key != "path") CHECK(read_back_from_json(other).has_error());
    }
    CHECK(read_back_from_json(nullptr).has_error());
    CHECK(read_back_from_json(json::array({1})).has_error());
  }

  TEST_CASE("its exchange is filled from what was captured and from the text's nonce") {
    const auto plan = sample_plan();
    CHECK(request(plan, by_record())->request.url == "http://notes.test:8090/api/visits/v%201");
    CHECK(request(plan, by_search())->request.url ==
          "http://notes.test:8090/api/search?q=" + token(51, "interview"));
    CHECK(request(plan, by_record())->limits.time_out == 2s);
    auto gone = by_record();
    gone.read.path = "export";
    CHECK(request(plan, gone).has_error());
    gone = by_record();
    gone.record.practitioner = "synthetic-99";
    CHECK(request(plan, gone).has_error());
    gone = by_record();
    gone.record.captures.erase("visit");
    CHECK(request(plan, gone).has_error());
  }

  TEST_CASE("each field is judged by what is there") {
    const auto plan = sample_plan();
    const auto interview = text(51, "interview");
    const auto conclusion = text(51, "conclusion");
    const auto foreign = text(77, "interview");
    struct Row {
      json interview;
      json conclusion;
      Expected of_interview;
      Expected of_conclusion;
    };
    const Row rows[] = {
        {interview, conclusion, kOk, kOk},
        {text(50, "interview"), conclusion, {Outcome::fail, LossClass::stale}, kOk},
        {nullptr, conclusion, kNoField, kOk},
        {"", conclusion, {Outcome::fail, LossClass::emptied}, kOk},
        {conclusion,
         interview,
         {Outcome::fail, LossClass::foreign},
         {Outcome::fail, LossClass::foreign}},
        {foreign, conclusion, {Outcome::fail, LossClass::foreign}, kOk},
        {interview.substr(0, 20), conclusion, {Outcome::fail, LossClass::truncated_tail}, kOk},
        // The conclusion tolerates changed edges, the interview does not.
        {interview + " ",
         conclusion + " ",
         {Outcome::fail, LossClass::edge_whitespace},
         {Outcome::ok, LossClass::edge_whitespace}},
        {json{{"text", interview}},
         7,
         {Outcome::fail, LossClass::extended},
         {Outcome::fail, LossClass::unrelated}},
    };
    for (const auto& row : rows) {
      CAPTURE(row.interview.dump());
      const auto readings =
          judge(plan, by_record(), note(row.interview, row.conclusion), {{"any", 77, "interview"}});
      REQUIRE(readings.size() == 2);
      CHECK(readings[0].field == "conclusion");
      check(readings[0], row.of_conclusion);
      check(readings[1], row.of_interview);
      CHECK(readings[1].explanation.find("plain note") == std::string::npos);
    }
  }

  TEST_CASE("a reply that says nothing of the record is info, one that says it is gone a loss") {
    const auto plan = sample_plan();
    struct Row {
      Reply reply;
      Expected expected;
      std::string explanation;
    };
    const auto whole = note(text(51, "interview"), text(51, "conclusion"))->body;
    const auto with = [&](int status) {
      return Reply(Response{.status = status, .headers = {}, .body = whole});
    };
    const Row rows[] = {
        {with(200), kOk, ""},
        {with(206), kOk, ""},
        {with(404), kMissing, "status 404"},
        {with(410), kMissing, "status 410"},
        {with(401), kInfo, "status 401"},
        {with(403), kInfo, "status 403"},
        {with(400), kInfo, "status 400"},
        {with(429), kInfo, "status 429"},
        {with(301), kInfo, "status 301"},
        {with(500), kInfo, "status 500"},
        {with(503), kInfo, "status 503"},
        {Silence::timed_out, kInfo, "no answer (timed_out)"},
        {Silence::refused, kInfo, "no answer (refused)"},
        {Silence::too_large, kInfo, "no answer (too_large)"},
        {Response{.status = 200, .headers = {}, .body = "<html>"}, kInfo, "the body is no JSON"},
        {answer(200, json::object()), kNoField,
         "there is no /note/conclusion, at the top is nothing"},
        {answer(200, {{"note", {{"Conclusion", 1}}}}), kNoField,
         "there is no /note/conclusion, at /note are: Conclusion"},
    };
    for (const auto& row : rows) {
      CAPTURE(row.explanation);
      const auto readings = judge(plan, by_record(), row.reply);
      REQUIRE(readings.size() == 2);
      check(readings[0], row.expected);
      CHECK_FALSE(readings[0].is_final);
      if (!row.explanation.empty()) CHECK(readings[0].explanation == row.explanation);
    }
  }

  TEST_CASE("a record is looked for in its list by what the plan says") {
    const auto plan = sample_plan();
    const json wanted = {{"id", "v 1"}, {"interview", text(51, "interview")}};
    const json other = {{"id", "v 2"}, {"interview", "x"}};
    struct Row {
      json body;
      Expected expected;
      std::string explanation;
    };
    const Row rows[] = {
        {{{"found", {wanted}}}, kOk, ""},
        {{{"found", {other, 7, nullptr, wanted}}}, kOk, ""},
        {{{"found", {other}}}, kMissing, "it is not among the 1 of the list"},
        {{{"found", json::array()}}, kMissing, "it is not among the 0 of the list"},
        {{{"found", {{{"id", "v 1"}}}}}, kNoField, "there is no /interview, at the top are: id"},
        {{{"hits", {wanted}}}, kInfo, "there is no /found, at the top are: hits"},
        {{{"found", nullptr}}, kInfo, "/found is no list"},
        {json::array({wanted}), kInfo, "there is no /found, at the top is a list of 1"},
    };
    for (const auto& row : rows) {
      CAPTURE(row.body.dump());
      const auto readings = judge(plan, by_search(), answer(200, row.body));
      REQUIRE(readings.size() == 1);
      check(readings[0], row.expected);
      if (!row.explanation.empty()) CHECK(readings[0].explanation == row.explanation);
    }
    const auto first =
        sample_plan(json::parse(R"([{"op": "remove", "path": "/journeys/0/steps/5/find/where"}])"));
    check(judge(first, by_search(), answer(200, {{"found", {wanted, other}}}))[0], kOk);
    check(judge(first, by_search(), answer(200, {{"found", json::array()}}))[0], kMissing);
  }

  TEST_CASE("what the plan calls readable bounds what is judged") {
    const auto plan = sample_plan(json::parse(R"([{"op": "add",
        "path": "/journeys/0/steps/4/acknowledged",
        "value": {"status": [200], "body": [{"pointer": "/note", "exists": true}]}}])"));
    check(judge(plan, by_record(), answer(200, {{"error", "session ended"}}))[0], kInfo);
    check(judge(plan, by_record(), note(nullptr, nullptr))[0], kNoField);
    check(judge(plan, by_record(), answer(404, json::object()))[0], kMissing);
  }

  TEST_CASE("a text that cannot be made again is info for good") {
    const auto plan = sample_plan();
    auto read = by_record();
    read.fields[0].sha256[0] = read.fields[0].sha256[0] == '0' ? '1' : '0';
    const auto readings = judge(plan, read, note(text(51, "interview"), "anything"));
    check(readings[0], kInfo);
    CHECK(readings[0].is_final);
    check(readings[1], kOk);
    read = by_record();
    read.payload_class = "no such class";
    CHECK(judge(plan, read, note("x", "y"))[1].is_final);
    read = by_record();
    read.read.path = "export";
    check(judge(plan, read, note("x", "y"))[1], kInfo);
    CHECK(judge(plan, read, note("x", "y"))[1].is_final);
  }

  TEST_CASE("a later write without an answer excuses its own text and no other") {
    const auto plan = sample_plan();
    auto read = by_record();
    read.fields[1].unknown_seed = 52;
    check(judge(plan, read, note(text(52, "interview"), "x"))[1], kInfo);
    check(judge(plan, read, note(text(51, "interview"), "x"))[1], kOk);
    check(judge(plan, read, note(text(50, "interview"), "x"))[1],
          {Outcome::fail, LossClass::stale});
  }
}
