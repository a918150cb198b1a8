#include "guard/server/admin.h"

#include <doctest/doctest.h>

#include "guard/entropy.h"
#include "guard/guard.h"
#include "guard/latch_format.h"
#include "guard/system_clock.h"
#include "tests/guard/recording_store.h"
#include "tests/probes/plans.h"
#include "tests/simulation/latch_medium.h"

namespace readback::guard::server {
namespace {

using boost::asio::awaitable;
using nlohmann::json;

class NoTransport final : public probes::Transport {
 public:
  awaitable<probes::Reply> exchange(probes::Request, probes::Limits) override {
    co_return probes::Silence::refused;
  }
};

Configuration one_flag() {
  Guarded guarded;
  guarded.flag.key = "notes-editor-v2";
  guarded.flag.build = "build-1";
  guarded.flag.variants = {{"old", false}, {"new", true}};
  guarded.flag.safe = "old";
  guarded.flag.treatment = "new";
  guarded.flag.rollout.emplace();
  guarded.flag.rollout->steps = {{flags::kEverybody, std::chrono::seconds(10), 3}};
  guarded.flag.rollout->max_evidence_age = std::chrono::seconds(60);
  guarded.plan = probes::sample_plan();
  Configuration configuration;
  configuration.path = "guard.yaml";
  guarded.plan_path = "plan.yaml";
  configuration.guarded.push_back(guarded);
  Guarded unguarded;
  unguarded.flag.key = "colours";
  unguarded.flag.variants = {{"blue", "blue"}};
  unguarded.flag.safe = "blue";
  configuration.guarded.push_back(unguarded);
  return configuration;
}

// A guard without sockets, whose decider runs while a question is answered.
class Asked {
 public:
  Asked() : guard_(seams(), one_flag(), "key") {
    Reload reload = [this] { return load(&reloaded_with); };
    routes_ = admin(guard_, std::move(reload));
  }

  Response ask(const std::string& method, const std::string& path, const std::string& body = "") {
    for (const Route& route : routes_) {
      const bool is_wild = route.path.ends_with("/*");
      const std::string stem = route.path.substr(0, route.path.size() - (is_wild ? 1 : 0));
      if (route.method != method || (is_wild ? !path.starts_with(stem) : path != stem)) continue;
      CHECK(route.scope == Scope::operate);
      Request request;
      request.method = method;
      request.path = path;
      request.body = body;
      Response response;
      std::exception_ptr failure;
      boost::asio::co_spawn(context_, answer(this, &route, request, &response),
                            [&](std::exception_ptr thrown) { failure = thrown; });
      context_.restart();
      context_.run();
      if (failure) std::rethrow_exception(failure);
      return response;
    }
    FAIL("no such route: " << path);
    return {};
  }

  Response command(const json& body) { return ask("POST", "/command", body.dump()); }

  json reloaded_with = {{"accepted", true}, {"faults", json::array()}};
  simulation::LatchMedium medium{new_latch_file(false)};

 private:
  Seams seams() {
    return {context_.get_executor(),
            context_.get_executor(),
            clock_,
            entropy_,
            transport_,
            store_,
            latches_};
  }

  static awaitable<json> load(const json* outcome) { co_return *outcome; }

  static awaitable<void> handle(const Route* route, Request request, Response* response,
                                Tasks* tasks) {
    Response answered = co_await route->handler(std::move(request));
    *response = std::move(answered);
    tasks->cancel();
  }

  static awaitable<void> answer(Asked* self, const Route* route, Request request,
                                Response* response) {
    if (!self->has_begun_) co_await self->guard_.begin();
    self->has_begun_ = true;
    Tasks tasks(self->context_.get_executor());
    tasks.start(self->guard_.decider().run());
    tasks.start(handle(route, std::move(request), response, &tasks));
    co_await tasks.join();
  }

  boost::asio::io_context context_;
  SystemClock clock_;
  SystemEntropy entropy_;
  NoTransport transport_;
  RecordingStore store_;
  simulation::SimulatedLatchDevice device_{medium};
  LatchFile latches_{device_};
  Guard guard_;
  std::vector<Route> routes_;
  bool has_begun_ = false;
};

json body_of(const Response& response) {
  return json::parse(response.body);
}

const json kStart = {{"flag", "notes-editor-v2"}, {"command", "start"}, {"by", "ada"}};

json with(json body, const json& patch) {
  body.merge_patch(patch);
  return body;
}

TEST_SUITE("admin") {
  TEST_CASE("a command is done, and status shows it") {
    Asked guard;
    const Response started = guard.command(kStart);
    CHECK(started.status == 200);
    CHECK(body_of(started) ==
          json{{"accepted", true}, {"durable", true}, {"known", true}, {"words", "started"}});
    const json status = body_of(guard.ask("GET", "/status"));
    REQUIRE(status["flags"].size() == 1);
    CHECK(status["flags"][0]["phase"] == "rolling");
    CHECK(status["unguarded"] == json{"colours"});
    CHECK(status["next"]["command"] == "guard probe run plan.yaml --once");
  }

  TEST_CASE("a revert is on disk when it is answered, twice is no failure") {
    Asked guard;
    const json revert = with(kStart, {{"command", "revert"}, {"reason", "notes are lost"}});
    CHECK(guard.command(revert).status == 200);
    simulation::SimulatedLatchDevice device(guard.medium);
    const Latch latch = LatchFile(device).read("notes-editor-v2");
    CHECK(latch.is_latched);
    CHECK(latch.reason == "notes are lost");
    CHECK(guard.command(revert).status == 200);
    CHECK(body_of(guard.ask("GET", "/status"))["flags"][0]["phase"] == "latched");
  }

  TEST_CASE("a revert that cannot be written says so, and is served") {
    Asked guard;
    guard.ask("GET", "/status");
    guard.medium.fail_call(1);
    const Response reverted =
        guard.command(with(kStart, {{"command", "revert"}, {"reason", "notes are lost"}}));
    CHECK(reverted.status == 503);
    CHECK(body_of(reverted)["durable"] == false);
    CHECK(body_of(guard.ask("GET", "/status"))["flags"][0]["serving"]["mode"] == "safe");
  }

  TEST_CASE("what the state does not allow is refused with the reason") {
    Asked guard;
    const Response refused = guard.command(with(kStart, {{"command", "finish"}}));
    CHECK(refused.status == 409);
    CHECK(body_of(refused)["accepted"] == false);
    CHECK(body_of(refused)["words"] == "only a rollout at 100 % can be finished");
  }

  TEST_CASE("a flag that is not guarded is not known") {
    Asked guard;
    for (const char* flag : {"colours", "typo"}) {
      const Response unknown = guard.command(with(kStart, {{"flag", flag}}));
      CHECK(unknown.status == 404);
      CHECK(body_of(unknown)["known"] == false);
    }
  }

  TEST_CASE("words that mean nothing are refused whole") {
    Asked guard;
    const std::string long_name(65, 'a');
    const json patches[] = {
        {{"flag", nullptr}},
        {{"command", nullptr}},
        {{"command", "rollback"}},
        {{"by", nullptr}},
        {{"by", ""}},
        {{"by", "guard"}},
        {{"by", 7}},
        {{"by", long_name}},
        {{"by", "a\nb"}},
        {{"samebuild", true}},
        {{"same_build", true}},
        {{"command", "rearm"}, {"reason", "repaired"}, {"same_build", "yes"}},
        {{"command", "revert"}},
        {{"command", "rearm"}},
        {{"command", "revert"}, {"reason", std::string(401, 'a')}},
    };
    for (const json& patch : patches) {
      CAPTURE(patch.dump());
      const Response refused = guard.command(with(kStart, patch));
      CHECK(refused.status == 400);
      CHECK(body_of(refused).contains("errorDetails"));
    }
    for (const char* body : {"", "[]", "7", "{\"flag\":\"a\",\"flag\":\"b\"}", "{"}) {
      CAPTURE(body);
      CHECK(guard.ask("POST", "/command", body).status == 400);
    }
    CHECK(body_of(guard.ask("GET", "/status"))["flags"][0]["phase"] == "waiting");
  }

  TEST_CASE("a reload answers as it went") {
    Asked guard;
    CHECK(guard.ask("POST", "/reload").status == 200);
    guard.reloaded_with = {{"accepted", false}, {"faults", {"guard.yaml:1:1: unknown key"}}};
    const Response refused = guard.ask("POST", "/reload");
    CHECK(refused.status == 409);
    CHECK(body_of(refused) == guard.reloaded_with);
    CHECK(guard.ask("POST", "/reload", "{}").status == 400);
  }

  TEST_CASE("exposures are listed for flags that there are") {
    Asked guard;
    const Response none = guard.ask("GET", "/exposures/notes-editor-v2");
    CHECK(none.status == 200);
    CHECK(body_of(none)["exposures"] == json::array());
    CHECK(guard.ask("GET", "/exposures/typo").status == 404);
    CHECK(guard.ask("GET", "/exposures/%zz").status == 400);
  }
}

}  // namespace
}  // namespace readback::guard::server
