#include "guard/server/bulk.h"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "tests/guard/recording_store.h"
#include "tests/guard/server/guarded_flag.h"
#include "tests/guard/server/ofrep_schema.h"

namespace readback::guard::server {
namespace {
using namespace std::chrono_literals;
using nlohmann::json;

const std::string kKey = "notes-editor-v2";

struct Counting final : Entropy {
  std::uint64_t draw() override { return ++drawn; }
  std::uint64_t drawn = 0;
};

// The bulk route with clients that are told apart; everybody gets treatment for 45 s.
class House {
 public:
  explicit House(Holders::Options options = {})
      : exposures(clock, &store, {.key = std::string(32, 'k')}),
        streams(context.get_executor(), clock, tokens),
        holders(clock, options),
        handler(
            bulk(std::make_shared<Evaluator>(publisher, clock, exposures, witness, counts, stamps),
                 &clients)) {
    auto definitions = std::make_shared<flags::Definitions>();
    definitions->flags.emplace(kKey, testing::guarded_flag(kKey));
    definitions->synthetic[kKey] = {"synthetic-1"};
    publisher.set_definitions(std::move(definitions));
    expose();
  }

  void expose() {
    flags::Exposure exposure;
    exposure.mode = flags::Exposure::Mode::leased;
    exposure.share = flags::kEverybody;
    exposure.lease = {clock.moment(), 45s};
    publisher.set_exposure(kKey, exposure);
  }
  void revert() { publisher.set_exposure(kKey, {}); }

  struct Answer {
    int status = 0;
    std::string tag;
    std::string variant;  // of the flag; empty for 304
    std::string stream;   // path of it; empty if none is named
  };
  Request request(const std::string& who, const std::string& tag) const {
    Request request;
    request.body = json{{"context", {{"targetingKey", who}}}}.dump();
    if (!tag.empty()) request.headers.emplace_back("if-none-match", tag);
    return request;
  }
  Answer send(Request request) { return take(run_alone(handler(std::move(request)))); }
  Answer ask(const std::string& who, const std::string& tag = {}) {
    return send(request(who, tag));
  }
  Answer ask_denied(const std::string& who, const std::string& tag = {}) {
    Request denied = request(who, tag);
    denied.is_denied = true;
    return send(std::move(denied));
  }

  static Answer take(const Response& response) {
    Answer answer;
    answer.status = response.status;
    for (const auto& [name, value] : response.headers)
      if (name == "ETag") answer.tag = value;
    if (response.status == 304) return answer;
    const json body = json::parse(response.body);
    CHECK(violations(body, "bulk") == "");
    answer.variant = body.at("flags").at(0).at("variant");
    if (body.contains("eventStreams"))
      answer.stream = body.at("eventStreams").at(0).at("endpoint").at("requestUri");
    return answer;
  }

  boost::asio::io_context context;
  StandingClock clock;
  RecordingStore store;
  Publisher publisher;
  Witness witness;
  EvaluationCounts counts;
  Stamps stamps{[](const std::string&) { return Stamps::Known(); }};
  Exposures exposures;
  Counting entropy;
  ClientTokens tokens{"key"};
  EventStreams streams;
  Holders holders;
  Clients clients{tokens, streams, holders, entropy};
  Handler handler;
};

}  // namespace

TEST_SUITE("guard/server/bulk") {
  TEST_CASE("a client keeps its token and its stream as long as it shows its tag") {
    House house;
    const auto first = house.ask("anna");
    CHECK(first.variant == "new");
    CHECK(first.tag.size() == 131);
    CHECK(first.stream == "/ofrep/v1/streams/" + first.tag.substr(1, 64));
    CHECK(house.ask("anna", first.tag).status == 304);
    house.clock.pass(6s);
    house.expose();
    const auto renewed = house.ask("anna", first.tag);
    CHECK(renewed.status == 200);
    CHECK(renewed.stream == first.stream);
    CHECK(renewed.tag != first.tag);
    // One who shows none is another one.
    CHECK(house.ask("anna").stream != first.stream);
  }

  TEST_CASE("the guard knows who holds treatment, who was told of a revert, and who confirmed it") {
    House house;
    const auto anna = house.ask("anna"), bert = house.ask("bert");
    CHECK(house.holders.tally(kKey).holding == 2);
    house.revert();
    const auto safe = house.ask("anna", anna.tag);
    CHECK(safe.variant == "old");
    CHECK(house.holders.tally(kKey).unconfirmed == 1);
    CHECK(house.ask("anna", safe.tag).status == 304);
    const Holders::Tally tally = house.holders.tally(kKey);
    CHECK(tally.confirmed == 1);
    CHECK(tally.unconfirmed == 0);
    CHECK(tally.holding == 1);
    CHECK(tally.until == house.clock.wall() + 45s);
    // A late answer of before the revert came after the newer one: the question shows it.
    CHECK(house.ask("anna", anna.tag).variant == "old");
    CHECK(house.holders.tally(kKey).confirmed == 0);
    CHECK(house.holders.tally(kKey).unconfirmed == 1);
  }

  TEST_CASE("who may not ask gets the safe values, and is still known by his tag") {
    House house;
    const auto anna = house.ask("anna");
    const auto denied = house.ask_denied("anna", anna.tag);
    CHECK(denied.status == 200);
    CHECK(denied.variant == "old");
    CHECK(denied.stream == anna.stream);
    CHECK(house.holders.tally(kKey).unconfirmed == 1);
    CHECK(house.ask_denied("anna", denied.tag).status == 304);
    CHECK(house.holders.tally(kKey).confirmed == 1);
    CHECK(house.counts.denied == 2);
  }

  TEST_CASE("a stranger gets the safe values and nothing else, whoever he says he is") {
    House house;
    house.publisher.pin(kKey, "synthetic-1", {"new", 7s});
    for (const char* who : {"anna", "synthetic-1"}) {
      const auto stranger = house.ask_denied(who);
      CHECK(stranger.status == 200);
      CHECK(stranger.variant == "old");
      CHECK(stranger.stream.empty());
      CHECK(house.ask_denied(who, stranger.tag).status == 304);
    }
    CHECK(house.store.writes == 0);
    CHECK(house.entropy.drawn == 0);
    const auto testimony =
        house.witness.judge(kKey, "synthetic-1", "old", {}, house.clock.now(), 100ms);
    CHECK(testimony.evaluations == 0);
  }

  TEST_CASE("an event that told of another answer makes this one come whole") {
    House house;
    const auto anna = house.ask("anna");
    Request request = house.request("anna", anna.tag);
    request.query = "flagConfigEtag=another";
    CHECK(house.send(std::move(request)).status == 200);
    request = house.request("anna", anna.tag);
    request.query = "flagConfigLastModified=1&flagConfigEtag=%22" + anna.tag.substr(1, 129) + "%22";
    CHECK(house.send(std::move(request)).status == 304);
    request = house.request("anna", anna.tag);
    request.query = "%zz";
    CHECK(house.send(std::move(request)).status == 304);
  }

  TEST_CASE("where there is no room to remember who holds treatment, nobody new gets it") {
    House house({.records = 1});
    const auto anna = house.ask("anna");
    CHECK(anna.variant == "new");
    CHECK(house.ask("bert").variant == "old");
    CHECK(house.ask("anna", anna.tag).status == 304);
  }

  TEST_CASE("synthetic practitioners hold nothing that a revert has to take away") {
    House house;
    house.publisher.pin(kKey, "synthetic-1", {"new", 7s});
    CHECK(house.ask("synthetic-1").variant == "new");
    CHECK(house.holders.records() == 0);
  }

  TEST_CASE("the orphan is answered with an error, and that is testified") {
    House house;
    auto definitions =
        std::make_shared<flags::Definitions>(*house.publisher.current()->definitions);
    definitions->orphans[kKey] = "synthetic-1";
    house.publisher.set_definitions(std::move(definitions));
    const Response all = run_alone(house.handler(house.request("synthetic-1", "")));
    CHECK(all.status == 503);
    CHECK(violations(json::parse(all.body), "refused all") == "");
    CHECK(house.ask("anna").status == 200);
    const auto routes = ofrep(house.publisher, house.clock, house.exposures, house.witness,
                              house.counts, house.stamps, &house.clients);
    Request request = house.request("synthetic-1", "");
    request.path = "/ofrep/v1/evaluate/flags/" + kKey;
    const Response one = run_alone(routes.front().handler(std::move(request)));
    CHECK(one.status == 503);
    CHECK(violations(json::parse(one.body), "refused") == "");
    REQUIRE(one.when_sent);
    one.when_sent(true);
    const auto seen =
        house.witness.judge(kKey, "synthetic-1", kNoVariant, {}, house.clock.now(), 100ms);
    CHECK(seen.evaluations == 1);
    CHECK(seen.other_variant == 0);
  }

  TEST_CASE("too many newcomers at once: the next one gets the safe value, and does not wait") {
    House house;
    std::vector<House::Answer> inner;
    // While one is written, as many as may wait ask, each while the one before him waits.
    house.store.while_writing = [&] {
      if (house.store.writes <= Evaluator::kAdmitting)
        inner.push_back(house.ask("p" + std::to_string(house.store.writes)));
    };
    CHECK(house.ask("p0").variant == "new");
    CHECK(house.store.writes == Evaluator::kAdmitting);
    CHECK(house.counts.over_limit == 1);
    CHECK(inner.front().variant == "old");  // The one that asked last.
    CHECK(inner.back().variant == "new");
    house.store.while_writing = {};
    CHECK(house.ask("late").variant == "new");  // They are done, so that there is room.
  }
}

}  // namespace readback::guard::server
