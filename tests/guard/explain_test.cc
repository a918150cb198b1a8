#include "guard/explain.h"

#include <doctest/doctest.h>

#include "tests/guard/rollout_driver.h"

namespace readback::guard {
using namespace std::chrono_literals;
using nlohmann::json;
using probes::Outcome;
using testing::Driver;

namespace {

// Keeps each entry that was written, with what was known when it was.
class Kept {
 public:
  explicit Kept(Driver& driver) : driver_(driver) {}

  void note() {
    // The first may begin a step, the second writes that.
    for (int tick = 0; tick < 2; ++tick) {
      driver_.pass(1s);
      driver_.happen(Ticked{});
    }
    moments_.push_back({driver_.now().wall, explain(driver_.state.harm)});
    driver_.pass(1s);
  }
  // What the ledger says of each of these moments.
  void check() const {
    for (const auto& [at, known] : moments_) {
      Explanation explanation("notes-editor-v2", at);
      for (const Entry& entry : driver_.ledger) explanation.take(entry);
      json told = explanation.json();
      for (const char* key : {"flag", "at_ms", "entries", "last"}) told.erase(key);
      CHECK(told == known);
      CHECK(told.dump() == known.dump());
    }
  }

 private:
  Driver& driver_;
  std::vector<std::pair<WallTime, json>> moments_;
};

}  // namespace

TEST_SUITE("guard/explain") {
  TEST_CASE("what the ledger explains is bit-equal to what was known at that time") {
    Driver driver;
    Kept kept(driver);
    kept.note();
    driver.command(Command::Kind::start);
    driver.healthy(7, 100ms);
    kept.note();
    driver.healthy(10);
    REQUIRE(driver.state.step == 1);
    kept.note();
    driver.block(Outcome::fail, Outcome::ok);
    kept.note();
    driver.healthy(25, 100ms);
    driver.block(Outcome::ok, Outcome::fail);
    driver.block(Outcome::info, Outcome::ok);
    kept.note();
    driver.healthy(30, 100ms);
    kept.note();
    kept.check();
  }

  TEST_CASE("a revert is explained by what was known just before it") {
    Driver driver;
    driver.command(Command::Kind::start);
    driver.healthy(2);
    for (int i = 0; i < 2; ++i) driver.block(Outcome::fail, Outcome::ok);
    REQUIRE(driver.state.phase == Phase::latched);
    Explanation explanation("notes-editor-v2", std::nullopt);
    for (const Entry& entry : driver.ledger) explanation.take(entry);
    const json told = explanation.json();
    CHECK(told["last"]["kind"] == "reverted");
    CHECK(told["ruling"]["verdict"] == "revert");
    CHECK(driver.state.latch.reason == told["words"]);
    REQUIRE(told["crossing"].is_object());
    CHECK(told["crossing"]["failures"] == 2);
    const std::string text = explain_text(told);
    for (const char* words :
         {"reverted by guard: lost with the flag on", "CROSSED", "is it the flag: not shown",
          "within 1000000 probes of budget 1", "it is a statement, not shown"}) {
      CAPTURE(words);
      CHECK(text.find(words) != std::string::npos);
    }
  }

  TEST_CASE("a baseline is called proven only where control's history supports it") {
    Harm harm;
    std::vector<SettledRead> batch = {{{"visit", "interview", "any"}, {"record", 0ms}, false}};
    for (int i = 0; i < 1'000; ++i) harm.add(probes::Arm::control, batch);
    CHECK(explain(harm)["baseline"]["is_proven"] == false);
    CHECK(explain(harm)["baseline"]["supported"] > 1e-3);
    EvidenceOptions options;
    options.baseline_loss_rate = 0.01;
    Harm lax(options);
    for (int i = 0; i < 1'000; ++i) lax.add(probes::Arm::control, batch);
    CHECK(explain(lax)["baseline"]["is_proven"] == true);
    lax.begin_budget(options, "a test", true);  // It is the history of all budgets.
    CHECK(explain(lax)["baseline"]["probes"] == 1'000);
  }

  TEST_CASE("an empty ledger explains nothing, and what is too early is left out") {
    Explanation nothing("notes-editor-v2", WallTime(5));
    Entry entry;
    entry.flag = "notes-editor-v2";
    entry.at = WallTime(6);
    nothing.take(entry);
    CHECK_FALSE(nothing.is_known());
    CHECK(explain_text(nothing.json()).find("nothing was decided yet") != std::string::npos);
  }
}

}  // namespace readback::guard
