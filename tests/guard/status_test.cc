#include "guard/status.h"

#include <doctest/doctest.h>

#include "guard/status_text.h"
#include "guard/utc.h"
#include "tests/guard/status_view.h"

namespace readback::guard {
namespace {

using namespace std::chrono_literals;
using Kind = Command::Kind;
using nlohmann::json;
using probes::Outcome;
using testing::history_of;
using testing::Viewed;

json report_of(const Viewed& flag) {
  return {{"at_ms", flag.driver.now().wall.count()},
          {"config", "guard.yaml"},
          {"pending_reads", 0},
          {"loop_late_ms", 0.0},
          {"store_trouble", ""},
          {"reload", {{"at_ms", 0}, {"faults", json::array()}}},
          {"clock_jumps", json::array()},
          {"unguarded", json::array()},
          {"flags", {flag.status()}},
          {"next", {{"command", "guard status"}, {"why", "nothing is to be done"}}}};
}

std::string text_of(const Viewed& flag) {
  return status_text(report_of(flag), "notes-editor-v2");
}

bool holds(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

TEST_SUITE("status") {
  TEST_CASE("a rollout shows step, share, lease and evidence") {
    Viewed flag;
    flag.exposed = 13;
    flag.start();
    const json status = flag.status();
    CHECK(status["phase"] == "rolling");
    CHECK(status["verdict"] == "hold");
    CHECK(status["step"] == 1);
    CHECK(status["steps"] == 2);
    CHECK(status["serving"]["mode"] == "leased");
    CHECK(status["serving"]["variant"] == "new");
    CHECK(status["serving"]["share_percent"] == doctest::Approx(1.3));
    CHECK(status["exposed"] == 13);
    REQUIRE(status["evidence"].size() == 1);
    CHECK(status["evidence"][0]["complete"] == 1);
    CHECK(status["evidence"][0]["needed"] == 3);
    CHECK(status["evidence"][0]["age_seconds"] < 1.0);
    CHECK(status["lease"]["stamp_ms"].get<std::int64_t>() % 5'000 == 0);
    CHECK(status["held_until_ms"] == status["lease"]["stamp_ms"]);
    CHECK(status["latch"].is_null());
  }

  TEST_CASE("a client holds treatment until the last stamp, also when the evidence is forgotten") {
    Viewed flag;
    flag.start();
    const json served = flag.status()["lease"]["stamp_ms"];
    flag.lose();
    CHECK(flag.status()["serving"]["mode"] == "safe");
    CHECK(flag.status()["held_until_ms"] == served);
    flag.lose();
    CHECK(flag.status()["phase"] == "latched");
    CHECK(flag.status()["held_until_ms"] == served);
    flag.driver.pass(1min);
    CHECK(flag.status()["held_until_ms"].is_null());
  }

  TEST_CASE("nobody can hold what was never started") {
    const Viewed flag;
    CHECK(flag.status()["held_until_ms"].is_null());
  }

  TEST_CASE("a finished flag's stamps move with the clock, and a revert bounds them") {
    Viewed flag;
    flag.widen();
    flag.driver.command(Kind::finish);
    flag.driver.pass(1h);
    flag.driver.command(Kind::revert);
    const json status = flag.status();
    CHECK(status["serving"]["mode"] == "safe");
    const auto last = flags::round_stamp(flag.driver.now().wall + 60s);
    CHECK(status["held_until_ms"] == last.count());
  }

  TEST_CASE("after a restart a rollout may be held for one more M, a latch only from its time on") {
    const json rolling = {{"phase", "rolling"}, {"share_ppm", 13'000}};
    const Viewed restarted({}, history_of(rolling));
    const auto now = restarted.driver.now().wall;
    CHECK(restarted.status()["held_until_ms"] == flags::round_stamp(now + 60s).count());
    Latch latch;
    latch.is_latched = true;
    latch.when = now - 30s;
    latch.max_evidence_age = 60s;
    const Viewed latched(latch, history_of(rolling));
    CHECK(latched.status()["held_until_ms"] == flags::round_stamp(now + 30s).count());
  }

  TEST_CASE("a shorter M does not shorten what was served under the longer one") {
    const json rolling = {{"phase", "rolling"}, {"share_ppm", 13'000}};
    const auto shorten = [](Viewed& flag) {
      Terms shorter = testing::two_step_terms();
      shorter.rollout.max_evidence_age = 20s;
      flag.driver.happen(Configured{shorter});
    };
    Viewed flag;
    flag.start();
    const json served = flag.status()["held_until_ms"];
    shorten(flag);
    CHECK(flag.status()["held_until_ms"] == served);
    const json entry = flag.driver.last_entry.state;
    flag.driver.command(Kind::revert);
    CHECK(flag.status()["held_until_ms"] == served);
    // What a command or a restart reads from the slot.
    const Latch& latch = flag.driver.state.latch;
    CHECK(flags::round_stamp(latch.when + latch.max_evidence_age).count() == served);
    const Viewed latched(latch, history_of(flag.driver.last_entry.state));
    CHECK(latched.status()["held_until_ms"] == served);
    // A crash after the reload, and a config that was edited while the guard was down.
    Terms shorter = testing::two_step_terms();
    shorter.rollout.max_evidence_age = 20s;
    CHECK(Viewed::restarted_under(shorter, entry).status()["held_until_ms"] == served);
    Viewed edited;
    edited.start();
    const Viewed restarted = Viewed::restarted_under(shorter, edited.driver.last_entry.state);
    CHECK(restarted.status()["held_until_ms"] ==
          flags::round_stamp(restarted.driver.now().wall + 60s).count());
  }

  TEST_CASE("a latch shows who, when, why and which generation") {
    Viewed flag;
    flag.start();
    flag.driver.command(Kind::revert);
    const json latch = flag.status()["latch"];
    CHECK(latch["who"] == "ada");
    CHECK(latch["cause"] == "operator");
    CHECK(latch["reason"] == "because");
    CHECK(latch["generation"] == 1);
    CHECK(latch["build"] == "build-1");
    CHECK(latch["is_durable"] == true);
  }

  TEST_CASE("suspects and ill controls are named in words") {
    Viewed flag;
    flag.start();
    flag.lose(Outcome::fail);
    const json status = flag.status();
    CHECK(status["finding"] == "platform");
    CHECK(status["suspects"] == json{"visit, interview, payload class any"});
    CHECK(status["ill_controls"].size() == 0);
    Viewed control;
    control.start();
    control.driver.pass(1s);
    control.driver.block(Outcome::ok, Outcome::fail);
    CHECK(control.status()["ill_controls"] == json{"visit, interview, payload class any"});
  }

  TEST_CASE("rounds are counted by journey and arm") {
    Viewed flag;
    using Result = ProbeCounts::Result;
    flag.counts.rounds[{"notes-editor-v2", "visit", probes::Arm::treatment, Result::ok}] = 5;
    flag.counts.rounds[{"notes-editor-v2", "visit", probes::Arm::treatment, Result::void_arm}] = 2;
    flag.counts.rounds[{"another", "visit", probes::Arm::treatment, Result::ok}] = 7;
    const json rounds = flag.status()["rounds"];
    REQUIRE(rounds.size() == 1);
    CHECK(rounds[0]["journey"] == "visit");
    CHECK(rounds[0]["arm"] == "treatment");
    CHECK(rounds[0]["ok"] == 5);
    CHECK(rounds[0]["void"] == 2);
    CHECK(rounds[0]["fail"] == 0);
  }

  TEST_CASE("why arms are void is told") {
    Viewed flag;
    CHECK(flag.status()["voids"].empty());
    CHECK_FALSE(holds(text_of(flag), "void, so proving nothing"));
    flag.counts.voids[{"notes-editor-v2", probes::Arm::control, VoidReason::not_asked}] = 3;
    flag.counts.voids[{"another", probes::Arm::control, VoidReason::not_asked}] = 9;
    REQUIRE(flag.status()["voids"].size() == 1);
    CHECK(flag.status()["voids"][0]["reason"] == "not_asked");
    CHECK(flag.status()["voids"][0]["count"] == 3);
    CHECK(holds(text_of(flag),
                "void, so proving nothing: control 3, the application never asked for the flag"));
  }

  TEST_CASE("what was written and never read is told") {
    Viewed flag;
    CHECK_FALSE(holds(text_of(flag), "never read, neither"));
    flag.counts.never_read[{"notes-editor-v2", "shared", "interview", "record", 1h,
                            probes::Arm::treatment}] = 2;
    REQUIRE(flag.status()["never_read"].size() == 1);
    CHECK(flag.status()["never_read"][0]["count"] == 2);
    CHECK(holds(text_of(flag),
                "written and never read, neither ok nor lost: treatment 2, shared "
                "interview by record after 60 min"));
  }

  TEST_CASE("what the plan does not cover is named") {
    const json missing = Viewed().status()["not_covered"];
    const auto& classes = missing["payload_classes"];
    CHECK(std::find(classes.begin(), classes.end(), "long_text") != classes.end());
    CHECK(std::find(classes.begin(), classes.end(), "astral") == classes.end());
    CHECK(missing["after_ms"] == 3'600'000);
    CHECK(missing["tolerated"] == json{"conclusion: edge_whitespace"});
    CHECK(missing["path_unnamed"] == json{"shared: autosave"});
    Viewed flag;
    for (probes::Field& field : flag.guarded.plan.fields) field.is_required = false;
    CHECK(flag.status()["not_covered"]["not_required"].size() == 2);
    CHECK(holds(text_of(flag), "tolerated losses conclusion: edge_whitespace"));
    CHECK(holds(text_of(flag), "treatment is served without evidence of shared: conclusion"));
  }
}

TEST_SUITE("status_text") {
  TEST_CASE("the headline says what everybody gets") {
    Viewed flag;
    CHECK(holds(text_of(flag), "notes-editor-v2: NOT STARTED, everybody gets \"old\"\n"));
    flag.start();
    CHECK(holds(text_of(flag), "ROLLING, step 1 of 2: 1.3 % get \"new\"\n"));
    flag.driver.command(Kind::pause);
    CHECK(holds(text_of(flag), "PAUSED at step 1 of 2, everybody gets \"old\"\n"));
    CHECK(holds(text_of(flag), "paused by ada: because"));
    flag.driver.command(Kind::revert);
    CHECK(holds(text_of(flag), "REVERTED, everybody gets \"old\"\n"));
    CHECK(holds(text_of(flag), "a client can hold treatment until "));
    flag.driver.command(Kind::rearm, true);
    CHECK(holds(text_of(flag), "RE-ARMING, everybody gets \"old\" until build build-1 is proven"));
    Viewed finished;
    finished.widen();
    finished.driver.command(Kind::finish);
    CHECK(holds(text_of(finished), "FINISHED, remove the flag from the code\n"));
  }

  TEST_CASE("the last line is the next command, whatever the state") {
    Viewed flag;
    const auto last_line = [&] {
      const std::string text = text_of(flag);
      const std::size_t before = text.find_last_of('\n', text.size() - 2);
      return text.substr(before + 1);
    };
    CHECK(last_line() == "guard start notes-editor-v2 --by NAME\n");
    flag.start();
    flag.driver.command(Kind::revert);
    CHECK(last_line() == "guard exposures notes-editor-v2\n");
    CHECK(holds(status_text(report_of(flag)), "next (nothing is to be done):\nguard status\n"));
  }

  TEST_CASE("it is short enough for one screen") {
    Viewed flag;
    flag.start();
    flag.lose();
    const std::string text = text_of(flag);
    CHECK(std::count(text.begin(), text.end(), '\n') <= 24);
  }

  TEST_CASE("trouble of the guard itself comes first") {
    Viewed flag;
    json report = report_of(flag);
    report["reload"]["faults"] = {"guard.yaml:3:1: unknown key"};
    report["store_trouble"] = "disk full";
    report["clock_jumps"] = {{{"at_ms", 1'800'000'061'999}, {"by_ms", -3'600'500}}};
    const std::string text = status_text(report);
    CHECK(text.starts_with("RELOAD REFUSED: guard.yaml:3:1: unknown key\nSTORE: disk full\n"));
    CHECK(holds(text, "\nCLOCK: set back by 3600.5 s at 2027-01-15 08:01:01Z: evidence began"));
  }

  TEST_CASE("times are rounded down") {
    CHECK(about(0.9) == "0 s");
    CHECK(about(119.9) == "119 s");
    CHECK(about(120) == "2 min");
    CHECK(about(7'200) == "2 h");
    // date -u -d @1800000061 '+%F %TZ'
    CHECK(utc(1'800'000'061'999ms) == "2027-01-15 08:01:01Z");
    CHECK(utc(0ms) == "1970-01-01 00:00:00Z");
    CHECK(holding(nullptr, 0ms) == "no client can hold treatment now");
    CHECK(holding(5'000, 5'000ms) == "no client can hold treatment now");
  }
}

}  // namespace
}  // namespace readback::guard
