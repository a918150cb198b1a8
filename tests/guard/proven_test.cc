#include "guard/proven.h"

#include <doctest/doctest.h>

namespace readback::guard {
namespace {
using namespace std::chrono_literals;
using probes::Arm;
using probes::Observation;
using probes::Outcome;
using probes::ReadPoint;

const ReadPoint kSoon{"record", 0ms}, kLate{"record", 5min};

// Two required streams that are read at once and after five minutes, and one
// that isn't required.
Terms terms() {
  Terms terms;
  terms.flag = "editor";
  terms.payload_classes = {"plain"};
  terms.streams = {{"note-alone", "interview", {kSoon, kLate}, true},
                   {"note-alone", "conclusion", {kSoon, kLate}, true},
                   {"note-alone", "hobby", {kSoon}, false}};
  return terms;
}

struct Noted {
  void read(const std::string& field, WallTime began, const ReadPoint& point,
            Outcome outcome = Outcome::ok, Arm arm = Arm::treatment, bool is_void = false,
            const std::string& payload_class = "plain") {
    Observation observation;
    observation.block = static_cast<std::uint64_t>(began.count());
    observation.arm = arm;
    observation.cell = {"note-alone", field, payload_class};
    observation.read = point;
    observation.outcome = outcome;
    observation.is_void = is_void;
    proven.note(terms(), observation, began);
  }
  // Both fields of one write, at both delays.
  void prove(WallTime began) {
    for (const char* field : {"interview", "conclusion"})
      for (const ReadPoint& point : {kSoon, kLate}) read(field, began, point);
  }
  std::optional<WallTime> until() const { return proven.until(terms()); }

  Proven proven;
};

}  // namespace

TEST_SUITE("guard/proven") {
  TEST_CASE(
      "nothing is proven before each required stream has passed its "
      "longest re-read") {
    Noted noted;
    CHECK_FALSE(noted.until().has_value());
    noted.read("interview", 100s, kSoon);
    noted.read("conclusion", 100s, kSoon);
    noted.read("interview", 100s, kLate);
    CHECK_FALSE(noted.until().has_value());
    noted.read("conclusion", 100s, kLate);
    CHECK(noted.until() == WallTime(100s));
    CHECK_FALSE(noted.proven.until(Terms()).has_value());
  }

  TEST_CASE("it is the oldest of the streams' latest, and never goes back") {
    Noted noted;
    noted.prove(100s);
    noted.read("interview", 200s, kSoon);
    noted.read("interview", 200s, kLate);
    CHECK(noted.until() == WallTime(100s));
    noted.prove(150s);
    CHECK(noted.until() == WallTime(150s));
    noted.prove(50s);
    CHECK(noted.until() == WallTime(150s));
  }

  TEST_CASE("what one payload class proves says nothing of another") {
    Noted noted;
    Terms two = terms();
    two.payload_classes = {"plain", "astral"};
    const auto prove_astral = [&](WallTime began) {
      for (const char* field : {"interview", "conclusion"})
        for (const ReadPoint& point : {kSoon, kLate})
          noted.read(field, began, point, Outcome::ok, Arm::treatment, false, "astral");
    };
    noted.prove(200s);
    CHECK_FALSE(noted.proven.until(two).has_value());
    prove_astral(100s);
    CHECK(noted.proven.until(two) == WallTime(100s));
    noted.prove(300s);
    CHECK(noted.proven.until(two) == WallTime(100s));
    prove_astral(250s);
    CHECK(noted.proven.until(two) == WallTime(250s));
  }

  TEST_CASE("reads of two writes are not added up to one") {
    Noted noted;
    noted.prove(100s);
    for (const char* field : {"interview", "conclusion"}) {
      noted.read(field, 200s, kSoon);
      noted.read(field, 300s, kLate);
    }
    CHECK(noted.until() == WallTime(100s));
  }

  TEST_CASE("control, void arms and info prove nothing") {
    Noted noted;
    for (const char* field : {"interview", "conclusion"})
      for (const ReadPoint& point : {kSoon, kLate}) {
        noted.read(field, 100s, point, Outcome::ok, Arm::control);
        noted.read(field, 200s, point, Outcome::info, Arm::treatment, true);
        noted.read(field, 300s, point, Outcome::info);
      }
    CHECK_FALSE(noted.until().has_value());
  }

  TEST_CASE("a loss holds it back, whatever passes after it, until it is cleared") {
    Noted noted;
    noted.prove(100s);
    noted.read("interview", 200s, kSoon, Outcome::fail);
    noted.prove(300s);
    CHECK(noted.until() == WallTime(200s));
    noted.read("interview", 150s, kLate,
               Outcome::fail);  // Found later, written before.
    CHECK(noted.until() == WallTime(150s));
    noted.proven.clear_losses();
    CHECK(noted.until() == WallTime(300s));
    // Control's loss is no loss of treatment.
    noted.read("interview", 10s, kSoon, Outcome::fail, Arm::control);
    CHECK(noted.until() == WallTime(300s));
  }

  TEST_CASE(
      "of very many unsettled writes the oldest are forgotten, and prove "
      "nothing") {
    Noted noted;
    noted.read("interview", 1ms, kSoon);
    for (std::size_t i = 0; i < Proven::kWrites; ++i)
      noted.read("interview", WallTime(2 + static_cast<int>(i)), kSoon);
    noted.read("conclusion", 1h, kSoon);
    noted.read("conclusion", 1h, kLate);
    noted.read("interview", 1ms, kLate);
    CHECK_FALSE(noted.until().has_value());
    noted.read("interview", 9ms, kLate);
    CHECK(noted.until() == WallTime(9ms));
  }
}

}  // namespace readback::guard
