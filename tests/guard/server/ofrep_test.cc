#include "guard/server/ofrep.h"

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <utility>

#include "guard/server/error_reply.h"
#include "guard/server/stamps.h"
#include "tests/guard/recording_store.h"
#include "tests/guard/server/guarded_flag.h"
#include "tests/guard/server/ofrep_schema.h"

namespace readback::guard::server {
namespace {
using namespace std::chrono_literals;
using nlohmann::json;

const std::string kPath = "/ofrep/v1/evaluate/flags";
const std::string kKey = "notes-editor-v2";

flags::Flag unguarded_flag(std::string key, json value) {
  flags::Flag flag;
  flag.key = std::move(key);
  flag.variants = {{"on", std::move(value)}};
  flag.safe = "on";
  return flag;
}

// The routes on a guarded flag of which everybody gets treatment for 45 s, with two synthetic
// practitioners. Every answer is held against the schemas.
class Guard {
 public:
  explicit Guard(std::size_t records_a_flag = 100)
      : exposures(clock, &store, {.key = std::string(32, 'k'), .records_a_flag = records_a_flag}),
        routes(ofrep(publisher, clock, exposures, witness, counts, stamps)) {
    define({testing::guarded_flag(kKey)});
    expose({});
  }

  void define(const std::vector<flags::Flag>& defined) {
    auto definitions = std::make_shared<flags::Definitions>();
    for (const flags::Flag& flag : defined) definitions->flags.emplace(flag.key, flag);
    definitions->synthetic[kKey] = {"synthetic-1", "synthetic-2"};
    publisher.set_definitions(std::move(definitions));
  }

  void expose(flags::Exposure exposure) {
    exposure.mode = flags::Exposure::Mode::leased;
    exposure.share = flags::kEverybody;
    exposure.lease = {clock.moment(), 45s};
    publisher.set_exposure(kKey, exposure);
  }

  void revert() { publisher.set_exposure(kKey, {}); }

  Response ask(const std::string& path, const std::string& body, const std::string& tag = {}) {
    Request request;
    request.method = "POST";
    request.path = path;
    request.body = body;
    request.headers = {{"content-type", "application/json; charset=utf-8"}};
    if (!tag.empty()) request.headers.emplace_back("if-none-match", tag);
    for (const Route& route : routes) {
      const bool is_open_ended = route.path.ends_with("/*");
      const std::string stem = route.path.substr(0, route.path.size() - 1);
      const bool is_route =
          is_open_ended ? path.starts_with(stem) && path != stem : path == route.path;
      if (!is_route) continue;
      CHECK(route.method == "POST");
      const bool is_bulk = !is_open_ended;
      CHECK(route.scope == (is_bulk ? Scope::evaluate_or_safe : Scope::evaluate));
      Response response = run_alone(route.handler(request));
      hold_against_schemas(response, is_bulk);
      return response;
    }
    FAIL("no route for " << path);
    return {};
  }

  Response ask_one(const json& body, const std::string& key = kKey) {
    return ask(kPath + "/" + key, body.dump());
  }

  json value(const json& body, const std::string& key = kKey) {
    return json::parse(ask_one(body, key).body);
  }

  StandingClock clock;
  RecordingStore store;
  Publisher publisher;
  Witness witness;
  EvaluationCounts counts;
  Stamps stamps{[](const std::string&) { return Stamps::Known(); }};
  Exposures exposures;
  std::vector<Route> routes;

 private:
  static void hold_against_schemas(const Response& response, bool is_bulk) {
    CHECK(response.content_type == "application/json");
    bool is_stored = true;
    for (const auto& [name, header] : response.headers) {
      if (name == "Cache-Control") is_stored = header != "no-store";
    }
    CHECK_FALSE(is_stored);
    if (response.status == 304) {
      CHECK(is_bulk);
      CHECK(response.body.empty());
      return;
    }
    const std::map<std::pair<int, bool>, std::string> schemas = {{{200, false}, "one"},
                                                                 {{200, true}, "bulk"},
                                                                 {{400, false}, "refused"},
                                                                 {{400, true}, "refused all"},
                                                                 {{404, false}, "not found"}};
    CAPTURE(response.body);
    const auto schema = schemas.find({response.status, is_bulk});
    REQUIRE(schema != schemas.end());
    CHECK(violations(json::parse(response.body), schema->second) == "");
  }
};

json asks(const std::string& who) {
  return {{"context", {{"targetingKey", who}}}};
}

std::string tag_of(const Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (name == "ETag") return value;
  }
  return {};
}

}  // namespace

TEST_SUITE("guard/server/ofrep") {
  TEST_CASE("a practitioner of the cohort gets treatment with the lease's end, and is recorded") {
    Guard guard;
    const json answer = guard.value(asks("anna"));
    CHECK(answer.at("key") == kKey);
    CHECK(answer.at("value") == "new editor");
    CHECK(answer.at("variant") == "new");
    CHECK(answer.at("reason") == "SPLIT");
    CHECK(answer.at("metadata") == json{{"leaseUntilMs", 1'800'000'045'000}});
    REQUIRE(guard.store.written.size() == 1);
    CHECK(guard.store.written[0].practitioner == exposure_name(std::string(32, 'k'), kKey, "anna"));
    CHECK(guard.counts.by_variant.at({kKey, "new"}) == 1);
    guard.ask_one(asks("anna"));
    CHECK(guard.store.writes == 1);
  }

  TEST_CASE("a revert is an explicit safe value, with nothing of treatment in it") {
    Guard guard;
    guard.ask_one(asks("anna"));
    guard.revert();
    CHECK(guard.value(asks("anna")) == json{{"key", kKey},
                                            {"value", "old editor"},
                                            {"variant", "old"},
                                            {"reason", "DEFAULT"},
                                            {"metadata", json::object()}});
  }

  TEST_CASE("who sends no targetingKey gets the safe value, one flag or all") {
    Guard guard;
    guard.define({testing::guarded_flag(kKey), unguarded_flag("theme", "dark")});
    for (const char* body :
         {"{}", R"({"context":null})", R"({"context":{}})", R"({"context":{"targetingKey":null}})",
          R"({"context":{"targetingKey":""}})", R"({"context":{"a":[{}]}})"}) {
      CAPTURE(body);
      const Response one = guard.ask(kPath + "/" + kKey, body);
      CHECK(one.status == 200);
      CHECK(json::parse(one.body).at("value") == "old editor");
      CHECK(json::parse(one.body).at("reason") == "DEFAULT");
      const Response theme = guard.ask(kPath + "/theme", body);
      CHECK(json::parse(theme.body).at("reason") == "STATIC");
      const Response all = guard.ask(kPath, body);
      CHECK(all.status == 200);
      CHECK(json::parse(all.body).at("flags").at(0).at("value") == "old editor");
    }
    CHECK(guard.store.writes == 0);
  }

  TEST_CASE("a body that is no JSON object is refused on both endpoints, with everything in it") {
    Guard guard;
    std::string deep = "{\"context\":";
    for (int i = 0; i < 100'000; ++i) deep += "[";
    for (const std::string& body :
         {std::string(), std::string("{"), std::string("[]"), std::string("3"),
          std::string("{\"context\":{\"targetingKey\":\"\xFF\"}}"), deep,
          std::string(R"({"context":{"a":1,"a":2}})"), std::string(R"({"context":{"a":1e999}})"),
          std::string(R"({"context":{"a":18446744073709551616}})")}) {
      CAPTURE(body.substr(0, 60));
      const Response one = guard.ask(kPath + "/" + kKey, body);
      CHECK(one.status == 400);
      CHECK(json::parse(one.body).at("key") == kKey);
      CHECK(json::parse(one.body).at("errorCode") == "PARSE_ERROR");
      const Response all = guard.ask(kPath, body);
      CHECK(all.status == 400);
      CHECK(json::parse(all.body).at("errorCode") == "PARSE_ERROR");
      CHECK_FALSE(json::parse(all.body).contains("key"));
    }
    CHECK(guard.counts.refused == 18);
  }

  TEST_CASE("a context of the wrong type is an error for one flag, and safe values in bulk") {
    Guard guard;
    for (const char* body : {R"({"context":3})", R"({"context":[]})", R"({"context":"anna"})",
                             R"({"context":{"targetingKey":17}})"}) {
      CAPTURE(body);
      const Response one = guard.ask(kPath + "/" + kKey, body);
      CHECK(one.status == 400);
      CHECK(json::parse(one.body).at("errorCode") == "INVALID_CONTEXT");
      // A browser that is answered 400 keeps the treatment that it has.
      const Response all = guard.ask(kPath, body);
      CHECK(all.status == 200);
      CHECK(json::parse(all.body).at("flags").at(0).at("value") == "old editor");
    }
  }

  TEST_CASE("keys are percent-decoded, and what no flag can be called is not found") {
    Guard guard;
    guard.define({unguarded_flag("a.b_c-D9", true)});
    struct Row {
      const char* segment;
      int status;
      const char* key;
    };
    const Row rows[] = {
        {"a.b_c-D9", 200, "a.b_c-D9"},
        {"a%2Eb%5fc-D9", 200, "a.b_c-D9"},
        {"another", 404, "another"},
        {"a%20b", 404, "a b"},
        {"%2e%2e%2Fetc", 404, "../etc"},
        {"a.b_c-D9%00", 404, nullptr},
        {"%FF", 404, nullptr},
        {"%C3%A9", 404, "\xC3\xA9"},
        {"%zz", 400, "%zz"},
        {"%2", 400, "%2"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.segment);
      const Response response = guard.ask(kPath + "/" + row.segment, "{}");
      CHECK(response.status == row.status);
      if (row.key != nullptr) CHECK(json::parse(response.body).at("key") == row.key);
    }
    CHECK(guard.counts.not_found == 6);
  }

  TEST_CASE("numbers are written as typed clients read them") {
    Guard guard;
    guard.define({unguarded_flag("whole", 1), unguarded_flag("float", 1.0),
                  unguarded_flag("half", 0.5), unguarded_flag("object", {{"a", 2.0}})});
    struct Row {
      const char* key;
      const char* written;
    };
    for (const Row& row :
         {Row{"whole", "\"value\":1,"}, Row{"float", "\"value\":1.0,"},
          Row{"half", "\"value\":0.5,"}, Row{"object", "\"value\":{\"a\":2.0},"}}) {
      CAPTURE(row.key);
      CHECK(guard.ask_one(json::object(), row.key).body.find(row.written) != std::string::npos);
      CHECK(guard.ask(kPath, "{}").body.find(row.written) != std::string::npos);
    }
  }

  TEST_CASE("bulk answers hold every flag, with and without the slash") {
    Guard guard;
    guard.define({testing::guarded_flag(kKey), unguarded_flag("theme", "dark"),
                  unguarded_flag("beta", false)});
    for (const std::string& path : {kPath, kPath + "/"}) {
      const json answer = json::parse(guard.ask(path, asks("anna").dump()).body);
      REQUIRE(answer.at("flags").size() == 3);
      CHECK(answer.at("flags").at(0).at("key") == "beta");
      CHECK(answer.at("flags").at(1).at("variant") == "new");
      CHECK(answer.at("flags").at(1).at("metadata").contains("leaseUntilMs"));
      CHECK(answer.at("flags").at(2).at("value") == "dark");
    }
    CHECK(guard.store.writes == 1);
    guard.publisher.set_definitions(nullptr);
    CHECK(json::parse(guard.ask(kPath, "{}").body).at("flags").empty());
    CHECK(guard.ask_one(asks("anna")).status == 404);
  }

  TEST_CASE("the tag is the body's, and only the same answer is not sent again") {
    Guard guard;
    const std::string anna = asks("anna").dump();
    const std::string tag = tag_of(guard.ask(kPath, anna));
    CHECK(tag.size() == 66);
    const auto status = [&](const std::string& body, const std::string& sent) {
      const Response response = guard.ask(kPath, body, sent);
      CHECK(tag_of(response) != "");
      return response.status;
    };
    for (const std::string& sent :
         {tag, "W/" + tag, "\"a\", " + tag, tag + ",\"b\"", std::string(" * ")}) {
      CAPTURE(sent);
      CHECK(status(anna, sent) == 304);
    }
    for (const std::string& sent : {std::string("\"a\""), tag.substr(1, 64), std::string("\"\"")}) {
      CAPTURE(sent);
      CHECK(status(anna, sent) == 200);
    }
    CHECK(guard.counts.not_modified == 5);
    CHECK(status("{}", tag) == 200);  // Another context gets another answer.
    guard.clock.pass(1s);
    CHECK(status(anna, tag) == 304);  // Time alone changes nothing.
    guard.clock.pass(5s);
    guard.expose({});
    CHECK(status(anna, tag) == 200);  // A renewed lease is news.
    const std::string renewed = tag_of(guard.ask(kPath, anna));
    guard.revert();
    CHECK(status(anna, renewed) == 200);
    const std::string safe = tag_of(guard.ask(kPath, anna));
    guard.clock.pass(1h);
    CHECK(status(anna, safe) == 304);  // Control answers stay.
    CHECK(guard.ask_one(asks("anna")).status == 200);
    CHECK(tag_of(guard.ask_one(asks("anna"))) == "");
  }

  TEST_CASE("a lease that ends is noticed at the next question, without anybody's help") {
    Guard guard;
    CHECK(guard.value(asks("anna")).at("variant") == "new");
    guard.clock.pass(45s - 1ms);
    CHECK(guard.value(asks("anna")).at("variant") == "new");
    guard.clock.pass(1ms);
    CHECK(guard.value(asks("anna")).at("variant") == "old");
  }

  TEST_CASE("nobody gets treatment whose record isn't durable") {
    Guard guard;
    guard.store.is_broken = true;
    CHECK(guard.value(asks("anna")).at("variant") == "old");
    CHECK(guard.exposures.count(kKey) == 0);
    guard.store.is_broken = false;
    CHECK(guard.value(asks("anna")).at("variant") == "new");
    guard.store.is_broken = true;
    CHECK(guard.value(asks("anna")).at("variant") == "new");  // His record is durable already.
    CHECK(guard.value(asks("bert")).at("variant") == "old");
  }

  TEST_CASE("what happens while a record is written is seen before the answer") {
    Guard guard;
    guard.store.while_writing = [&] { guard.revert(); };
    CHECK(guard.value(asks("anna")).at("variant") == "old");
    guard.expose({});
    guard.store.while_writing = [&] { guard.clock.pass(1h); };
    CHECK(guard.value(asks("bert")).at("variant") == "old");
    const json all = json::parse(guard.ask(kPath, asks("carl").dump()).body);
    CHECK(all.at("flags").at(0).at("variant") == "old");
  }

  TEST_CASE("at the bound of the record nobody new is exposed") {
    Guard guard(2);
    for (const char* who : {"anna", "bert"}) {
      CHECK(guard.value(asks(who)).at("variant") == "new");
    }
    CHECK(guard.exposures.is_full(kKey));
    CHECK(guard.value(asks("carl")).at("variant") == "old");
    CHECK(guard.value(asks("anna")).at("variant") == "new");
  }

  TEST_CASE("what synthetic practitioners were served is testified, and they are not exposed") {
    Guard guard;
    guard.publisher.pin(kKey, "synthetic-1", {"new", 7s});
    const TimePoint from = guard.clock.now();
    const auto counts = [&](const std::string& who, const std::string& variant) {
      return guard.witness.judge(kKey, who, variant, from, guard.clock.now(), 100ms).counts();
    };
    const Response one = guard.ask_one(asks("synthetic-1"));
    CHECK(json::parse(one.body).at("value") == "new editor");
    CHECK(json::parse(one.body).at("metadata").at("leaseUntilMs") == 1'800'000'007'000);
    CHECK_FALSE(counts("synthetic-1", "new"));  // Not sent yet.
    guard.clock.pass(100ms);
    one.when_sent(true);
    CHECK(counts("synthetic-1", "new"));
    CHECK_FALSE(counts("synthetic-1", "old"));

    guard.ask(kPath, asks("synthetic-2").dump()).when_sent(true);
    CHECK(counts("synthetic-2", "old"));
    guard.ask(kPath, asks("synthetic-2").dump()).when_sent(false);
    CHECK_FALSE(counts("synthetic-2", "old"));
    CHECK(guard.store.writes == 0);
    CHECK_FALSE(guard.ask_one(asks("anna")).when_sent);
  }

  TEST_CASE("what a listener answers by itself holds what strict providers read, too") {
    for (const int status : {401, 403, 413, 429}) {
      CHECK(violations(json::parse(error_reply(status, "refused").body), "refused all") == "");
    }
  }
}

}  // namespace readback::guard::server
