#include "guard/settling.h"

#include <doctest/doctest.h>

#include "tests/probes/plans.h"

namespace readback::guard {
namespace {

using probes::FieldReading;
using probes::LossClass;
using probes::Outcome;
using namespace std::chrono_literals;

const TimePoint kDue{100s};

struct Fixture {
  Fixture() {
    plan.confirm = {2, 1'000ms};
    read_back.deadline = 3s;
    for (const char* field : {"interview", "conclusion"}) {
      read_back.fields.emplace_back();
      read_back.fields.back().field = field;
    }
  }
  probes::Plan plan = probes::sample_plan();
  probes::ReadBack read_back;
};

FieldReading reading(Outcome outcome, const std::string& field = "interview",
                     bool is_final = false) {
  const LossClass loss = outcome == Outcome::ok     ? LossClass::equal
                         : outcome == Outcome::fail ? LossClass::stale
                                                    : LossClass::indeterminate;
  return {field, outcome, loss, is_final, ""};
}

}  // namespace

TEST_SUITE("guard/settling") {
  TEST_CASE("one read before the deadline, at it, and after it") {
    struct Row {
      Outcome found;
      bool is_final;
      Duration begun;  // after the read was due
      bool is_settled;
    };
    const Row rows[] = {
        {Outcome::ok, false, 0s, true},         {Outcome::ok, false, 3s, true},
        {Outcome::ok, false, 3h, true},         {Outcome::fail, false, 0s, false},
        {Outcome::fail, false, 2'999ms, false}, {Outcome::fail, false, 3s, false},
        {Outcome::info, false, 0s, false},      {Outcome::info, false, 3h, false},
        {Outcome::info, true, 0s, true},
    };
    for (const Row& row : rows) {
      CAPTURE(&row - rows);
      Fixture f;
      Settling settling(f.plan, f.read_back, kDue);
      const TimePoint begun = kDue + row.begun;
      const auto settled =
          settling.take({reading(row.found, "interview", row.is_final)}, begun, begun + 10ms);
      CHECK(settled.size() == (row.is_settled ? 1 : 0));
      if (row.is_settled) CHECK(settled.front().outcome == row.found);
      CHECK_FALSE(settling.is_over());  // The other field waits.
      CHECK(settling.next() > begun);
    }
  }

  TEST_CASE("a mismatch after the deadline is a fail once two further reads confirm it") {
    Fixture f;
    Settling settling(f.plan, f.read_back, kDue);
    TimePoint at = kDue + 3s;
    CHECK(settling.take({reading(Outcome::fail)}, at, at).empty());
    CHECK(settling.next() == at + 500ms);  // Both within the window of 1 s.
    at = settling.next();
    CHECK(settling.take({reading(Outcome::fail)}, at, at).empty());
    at = settling.next();
    const auto settled = settling.take({reading(Outcome::fail)}, at, at);
    REQUIRE(settled.size() == 1);
    CHECK(settled.front().outcome == Outcome::fail);
    CHECK(settled.front().loss_class == LossClass::stale);
  }

  TEST_CASE("a confirming read that finds the text settles it as ok") {
    Fixture f;
    Settling settling(f.plan, f.read_back, kDue);
    const TimePoint at = kDue + 3s;
    CHECK(settling.take({reading(Outcome::fail)}, at, at).empty());
    const auto settled = settling.take({reading(Outcome::ok)}, at + 500ms, at + 500ms);
    REQUIRE(settled.size() == 1);
    CHECK(settled.front().outcome == Outcome::ok);
  }

  TEST_CASE("silence confirms nothing, and an acknowledged write stays pending through it") {
    Fixture f;
    Settling settling(f.plan, f.read_back, kDue);
    TimePoint at = kDue + 3s;
    CHECK(settling.take({reading(Outcome::fail)}, at, at).empty());
    for (int i = 0; i < 50; ++i) {
      at = settling.next();
      CHECK(settling.take({reading(Outcome::info)}, at, at).empty());
    }
    CHECK(settling.next() - at == 30s);  // No more often than that.
    CHECK_FALSE(settling.is_over());
  }

  TEST_CASE("what began before the deadline proves no loss, though its answer came after it") {
    Fixture f;
    f.plan.confirm.reads = 0;
    Settling settling(f.plan, f.read_back, kDue);
    CHECK(settling.take({reading(Outcome::fail)}, kDue + 2'999ms, kDue + 4s).empty());
    CHECK(settling.take({reading(Outcome::fail)}, kDue + 3s, kDue + 4s).size() == 1);
  }

  TEST_CASE("the last read before the verdict is at the deadline") {
    Fixture f;
    Settling settling(f.plan, f.read_back, kDue);
    CHECK(settling.next() == kDue);
    bool is_at_deadline = false;
    for (int i = 0; i < 20; ++i) {
      const TimePoint at = settling.next();
      is_at_deadline |= at == kDue + 3s;
      settling.take({reading(Outcome::info)}, at, at);
    }
    CHECK(is_at_deadline);
  }

  TEST_CASE("fields are settled each by itself and once") {
    Fixture f;
    Settling settling(f.plan, f.read_back, kDue);
    auto settled =
        settling.take({reading(Outcome::ok), reading(Outcome::fail, "conclusion")}, kDue, kDue);
    REQUIRE(settled.size() == 1);
    CHECK(settled.front().field == "interview");
    settled = settling.take({reading(Outcome::fail), reading(Outcome::ok, "conclusion")}, kDue + 3s,
                            kDue + 3s);
    REQUIRE(settled.size() == 1);
    CHECK(settled.front().field == "conclusion");
    CHECK(settling.is_over());
  }

  TEST_CASE("what is given up is info") {
    Fixture f;
    Settling settling(f.plan, f.read_back, kDue);
    settling.take({reading(Outcome::ok)}, kDue, kDue);
    const auto settled = settling.give_up();
    REQUIRE(settled.size() == 1);
    CHECK(settled.front().field == "conclusion");
    CHECK(settled.front().outcome == Outcome::info);
    CHECK(settling.is_over());
  }
}

}  // namespace readback::guard
