#include "probes/journey.h"

#include <doctest/doctest.h>

#include "probes/digest.h"
#include "probes/payload.h"
#include "probes/token.h"
#include "tests/probes/plans.h"

using namespace readback::probes;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

Casting casting(Arm arm = Arm::treatment) {
  return {.block = 7,
          .member = 1,
          .arm = arm,
          .journey = "shared",
          .practitioner = "synthetic-01",
          .patient = "synthetic-01-a",
          .payload_class = "astral",
          .seed = 1'000};
}

Reply answer(int status, const char* body) {
  return Response{.status = status, .headers = {}, .body = body};
}

// The application as it should be, for each step in turn.
const std::vector<Reply>& good() {
  static const std::vector<Reply> kGood = {
      answer(201, R"({"id": "v/1", "version": 3})"),
      answer(200, R"({"saved": true})"),
      answer(200, "not even JSON"),
      answer(200, R"({"saved": true, "visit": "v/1", "etag": "ab-12", "path": "new"})"),
  };
  return kGood;
}

// Walks with the good replies up to `step`, which gets `last`, and the good ones after it.
Walk walk_with(const Plan& plan, std::size_t step, const Reply& last, Arm arm = Arm::treatment) {
  Walk walk(plan, casting(arm));
  for (std::size_t i = 0; walk.next().has_value(); ++i) {
    REQUIRE(i < good().size());
    walk.answered(i == step ? last : good()[i]);
  }
  return walk;
}

std::string text(std::uint64_t seed, const char* field) {
  return make_text("astral", seed, field).value();
}

std::vector<std::string> names(const std::vector<WrittenField>& fields) {
  std::vector<std::string> result;
  for (const auto& field : fields) result.push_back(field.field);
  return result;
}

}  // namespace

TEST_SUITE("probes/journey") {
  TEST_CASE("a walk sends the steps in order, each filled from what came before") {
    const auto plan = sample_plan();
    Walk walk(plan, casting());
    auto exchange = walk.next();
    REQUIRE(exchange.has_value());
    CHECK(exchange->request.method == "POST");
    CHECK(exchange->request.url == "http://notes.test:8090/api/patients/synthetic-01-a/visits");
    CHECK(json::parse(exchange->request.body) == json{{"by", "synthetic-01"}});
    CHECK(exchange->limits.time_out == 2s);
    CHECK_FALSE(walk.is_write());
    CHECK(walk.step() == "create");

    walk.answered(good()[0]);
    exchange = walk.next();
    CHECK(walk.is_write());
    CHECK(exchange->limits.time_out == 1s);
    CHECK(exchange->request.url == "http://notes.test:8090/api/visits/v%2F1/autosave");
    CHECK(json::parse(exchange->request.body) == json{{"interview", text(1'000, "interview")}});
    CHECK(walk.next()->request.body == exchange->request.body);

    walk.answered(good()[1]);
    CHECK(walk.next()->request.body.empty());
    walk.answered(good()[2]);
    exchange = walk.next();
    CHECK(json::parse(exchange->request.body) == json{{"version", 3},
                                                      {"interview", text(1'001, "interview")},
                                                      {"conclusion", text(1'001, "conclusion")}});
    using Header = std::pair<std::string, std::string>;
    CHECK(exchange->request.headers == std::vector<Header>{{"If-Match", "3"},
                                                           {"Accept", "application/json"},
                                                           {"Content-Type", "application/json"}});
    CHECK(walk.state() == Walk::State::running);
    walk.answered(good()[3]);
    CHECK(walk.state() == Walk::State::acknowledged);
    CHECK_FALSE(walk.next().has_value());
    CHECK(walk.took_its_path());
    CHECK(walk.steps().size() == 4);
    CHECK(walk.record().captures.at("visit") == "v/1");
  }

  TEST_CASE("each reply to a write is judged by status and by what the plan wants in the body") {
    const auto plan = sample_plan();
    struct Row {
      Reply reply;
      Walk::State state;
      std::string explanation;
    };
    using State = Walk::State;
    const Row rows[] = {
        {good()[3], State::acknowledged, ""},
        {answer(201, R"({"saved": true, "visit": "v/1", "etag": "z-0", "path": "new"})"),
         State::acknowledged, ""},
        {answer(202, good()[3]->body.c_str()), State::unknown, "status 202, expected 200 or 201"},
        {answer(200, R"({"saved": false, "visit": "v/1", "etag": "ab-12"})"), State::unknown,
         "/saved is not true"},
        {answer(200, R"({"saved": 1, "visit": "v/1", "etag": "ab-12"})"), State::unknown,
         "/saved is not true"},
        {answer(200, R"({"saved": true, "visit": "v/2", "etag": "ab-12"})"), State::unknown,
         "/visit is not \"${visit}\""},
        {answer(200, R"({"saved": true, "visit": "v/1", "etag": "xab-12y"})"), State::unknown,
         "/etag does not match [a-z]+-[0-9]+"},
        {answer(200, R"({"saved": true, "visit": "v/1", "etag": ["ab-12"]})"), State::unknown,
         "/etag does not match [a-z]+-[0-9]+"},
        {answer(200, R"({"ok": true})"), State::unknown, "there is no /saved, at the top are: ok"},
        {answer(200, "<html>"), State::unknown, "the body is no JSON"},
        {answer(200, ""), State::unknown, "the body is no JSON"},
        {answer(200, R"({"error": "badtoken"})"), State::refused,
         "there is no /saved, at the top are: error"},
        {answer(400, "{}"), State::refused, "status 400, expected 200 or 201"},
        {answer(404, "{}"), State::refused, "status 404, expected 200 or 201"},
        {answer(409, "{}"), State::refused, "status 409, expected 200 or 201"},
        {answer(413, "{}"), State::refused, "status 413, expected 200 or 201"},
        {answer(422, "{}"), State::refused, "status 422, expected 200 or 201"},
        {answer(401, "{}"), State::unknown, "status 401, expected 200 or 201"},
        {answer(403, "{}"), State::unknown, "status 403, expected 200 or 201"},
        {answer(408, "{}"), State::unknown, "status 408, expected 200 or 201"},
        {answer(429, "{}"), State::unknown, "status 429, expected 200 or 201"},
        {answer(302, "{}"), State::unknown, "status 302, expected 200 or 201"},
        {answer(500, "{}"), State::unknown, "status 500, expected 200 or 201"},
        {answer(503, R"({"error": 1})"), State::unknown, "status 503, expected 200 or 201"},
        {Silence::timed_out, State::unknown, "no answer (timed_out)"},
        {Silence::cut_off, State::unknown, "no answer (cut_off)"},
        {Silence::too_large, State::unknown, "no answer (too_large)"},
    };
    for (const auto& row : rows) {
      CAPTURE(row.explanation);
      auto walk = walk_with(plan, 3, row.reply);
      CHECK(to_string(walk.state()) == to_string(row.state));
      CHECK(walk.steps().back().explanation == row.explanation);
      CHECK(walk.steps().back().is_write);
      CHECK_FALSE(walk.next().has_value());
    }
  }

  TEST_CASE("a walk ends where an id cannot be captured, and what was made is known") {
    const auto plan = sample_plan();
    for (const char* body : {R"({"id": null, "version": 3})", R"({"id": {}, "version": 3})",
                             R"({"version": 3})", R"({"id": "", "version": 3})"}) {
      CAPTURE(body);
      const auto walk = walk_with(plan, 0, answer(201, body));
      CHECK(walk.state() == Walk::State::unknown);
      CHECK_FALSE(walk.record().captures.contains("visit"));
      CHECK_FALSE(walk.has_written());
    }
    const auto long_id = json{{"id", std::string(257, 'x')}, {"version", 3}}.dump();
    CHECK(walk_with(plan, 0, answer(201, long_id.c_str())).state() == Walk::State::unknown);
    const auto walk = walk_with(plan, 0, answer(201, R"({"id": "v/1"})"));
    CHECK(walk.state() == Walk::State::unknown);
    CHECK(walk.steps().back().explanation ==
          "nothing to capture as version: there is no /version, at the top are: id");
    CHECK(walk.record().captures.at("visit") == "v/1");
  }

  TEST_CASE("an arm took its path only if the reply names the path of that arm") {
    const auto plan = sample_plan();
    struct Row {
      const char* path;
      Arm arm;
      bool took_it;
    };
    const Row rows[] = {
        {R"("new")", Arm::treatment, true},  {R"("old")", Arm::treatment, false},
        {R"("old")", Arm::control, true},    {R"("new")", Arm::control, false},
        {R"("other")", Arm::control, false}, {"null", Arm::treatment, false},
    };
    for (const auto& row : rows) {
      CAPTURE(std::string(row.path));
      const auto body = R"({"saved": true, "visit": "v/1", "etag": "a-1", "path": )" +
                        std::string(row.path) + "}";
      const auto walk = walk_with(plan, 3, answer(200, body.c_str()), row.arm);
      CHECK(walk.state() == Walk::State::acknowledged);
      CHECK(walk.took_its_path() == row.took_it);
    }
    CHECK_FALSE(walk_with(plan, 3, answer(200, R"({"saved": true, "visit": "v/1", "etag": "a-1"})"))
                    .took_its_path());
  }

  TEST_CASE("read-backs know what was written, what was there before, and what is beside it") {
    const auto plan = sample_plan();
    const auto walk = walk_with(plan, 99, Silence::cut_off);
    const auto reads = walk.read_backs();
    REQUIRE(reads.size() == 5);  // record at three delays, search at two
    const auto& record = reads[2];
    CHECK(record.read == ReadPoint{"record", 1h});
    CHECK(record.deadline == 3s);
    CHECK(record.block == 7);
    CHECK(record.member == 1);
    CHECK(record.arm == Arm::treatment);
    CHECK(record.payload_class == "astral");
    REQUIRE(names(record.fields) == std::vector<std::string>{"conclusion", "interview"});
    CHECK(record.fields[0].seed == 1'001);
    CHECK_FALSE(record.fields[0].previous_seed.has_value());
    CHECK(record.fields[1].seed == 1'001);
    CHECK(record.fields[1].previous_seed == 1'000U);
    CHECK(record.fields[1].sha256 == sha256_hex(text(1'001, "interview")));
    CHECK(reads[4].read == ReadPoint{"search", 2s});
    CHECK(names(reads[4].fields) == std::vector<std::string>{"interview"});
    CHECK(names(reads[4].beside) == std::vector<std::string>{"conclusion"});
  }

  TEST_CASE("what was acknowledged is read back, however the walk went on") {
    const auto plan = sample_plan();
    // Nothing was acknowledged: nothing to read.
    CHECK(walk_with(plan, 0, answer(500, "")).read_backs().empty());
    CHECK(walk_with(plan, 1, Silence::timed_out).read_backs().empty());
    // The autosave was, then the share failed.
    auto reads = walk_with(plan, 2, answer(500, "")).read_backs();
    REQUIRE(reads.size() == 5);
    CHECK(names(reads[0].fields) == std::vector<std::string>{"interview"});
    CHECK(reads[0].fields[0].seed == 1'000);
    CHECK_FALSE(reads[0].fields[0].unknown_seed.has_value());
    // A save that was refused left the autosave's text; one without an answer may not have.
    reads = walk_with(plan, 3, answer(422, "")).read_backs();
    CHECK_FALSE(reads[0].fields[0].unknown_seed.has_value());
    reads = walk_with(plan, 3, Silence::timed_out).read_backs();
    REQUIRE(reads.size() == 5);
    CHECK(names(reads[0].fields) == std::vector<std::string>{"interview"});
    CHECK(reads[0].fields[0].seed == 1'000);
    CHECK(reads[0].fields[0].unknown_seed == 1'001U);
  }

  TEST_CASE("a walk whose secret cannot be read ends as unknown, and its reason names no secret") {
    const auto plan = sample_plan(json::parse(R"([
        {"op": "add", "path": "/practitioners/0/secret", "value": {"environment": "READBACK_NONE"}},
        {"op": "add", "path": "/practitioners/1/secret", "value": {"environment": "READBACK_NONE"}},
        {"op": "add", "path": "/practitioners/2/secret", "value": {"environment": "READBACK_NONE"}},
        {"op": "add", "path": "/practitioners/3/secret", "value": {"environment": "READBACK_NONE"}},
        {"op": "replace", "path": "/target/authentication/scheme", "value": "bearer"}])"));
    Walk walk(plan, casting());
    CHECK_FALSE(walk.next().has_value());
    CHECK(walk.state() == Walk::State::unknown);
    CHECK(walk.steps().back().explanation == "environment variable READBACK_NONE cannot be read");
  }
}
