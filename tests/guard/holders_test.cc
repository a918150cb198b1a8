#include "guard/holders.h"

#include <doctest/doctest.h>

#include "tests/guard/recording_store.h"

namespace readback::guard {
namespace {
using namespace std::chrono_literals;

const std::string kFlag = "editor";

struct Known {
  explicit Known(Holders::Options options = {}) : holders(clock, options) {}

  Holders::Answer treatment(WallTime lease = 45s) const { return {{kFlag, clock.wall() + lease}}; }
  static Holders::Answer safe() { return {{kFlag, std::nullopt}}; }

  // "holding unconfirmed confirmed lapsed"
  std::string tally(const std::string& flag = kFlag) const {
    const Holders::Tally tally = holders.tally(flag);
    std::string text;
    for (const std::size_t count :
         {tally.holding, tally.unconfirmed, tally.confirmed, tally.lapsed})
      text += (text.empty() ? "" : " ") + std::to_string(count);
    return text;
  }

  StandingClock clock;
  Holders holders;
};

}  // namespace

TEST_SUITE("guard/holders") {
  TEST_CASE(
      "a revert is acknowledged by the question that shows the safe answer, not by sending it") {
    Known known;
    known.holders.sent("a", "t1", known.treatment());
    CHECK(known.tally() == "1 0 0 0");
    CHECK(known.holders.tally(kFlag).until == known.clock.wall() + 45s);
    known.holders.shows("a", "t1");
    CHECK(known.tally() == "1 0 0 0");
    known.holders.sent("a", "s1", Known::safe());
    CHECK(known.tally() == "0 1 0 0");
    CHECK(known.holders.tally(kFlag).until == known.clock.wall() + 45s);
    known.holders.shows("a", "s1");
    CHECK(known.tally() == "0 0 1 0");
    CHECK(known.holders.tally(kFlag).until == WallTime());
    known.holders.sent("a", "s1", Known::safe());
    CHECK(known.tally() == "0 0 1 0");
  }

  TEST_CASE("a late old answer is seen for what it is, and who shows it holds treatment again") {
    Known known;
    known.holders.sent("a", "t1", known.treatment());
    known.holders.sent("a", "s1", Known::safe());
    known.holders.shows("a", "s1");
    known.holders.shows("a", "t1");
    CHECK(known.tally() == "1 0 0 0");
  }

  TEST_CASE("a tag that nobody sent, or of somebody else, proves nothing") {
    Known known;
    known.holders.sent("a", "t1", known.treatment());
    known.holders.sent("b", "s1", Known::safe());
    known.holders.shows("a", "s1");
    known.holders.shows("a", "unknown");
    known.holders.shows("c", "s1");
    CHECK(known.tally() == "1 0 0 0");
    for (int i = 0; i < 5; ++i) known.holders.sent("a", "s" + std::to_string(i), Known::safe());
    known.holders.shows("a", "s0");  // Older than the last four.
    CHECK(known.tally() == "0 1 0 0");
  }

  TEST_CASE("a lease that ends is no confirmation") {
    Known known;
    known.holders.sent("a", "t1", known.treatment());
    known.holders.sent("b", "t1", known.treatment(90s));
    known.clock.pass(45s - 1ms);
    CHECK(known.tally() == "2 0 0 0");
    known.clock.pass(1ms);
    CHECK(known.tally() == "1 0 0 1");
    // A shorter lease does not take back what was told before.
    known.holders.sent("b", "t2", known.treatment(1s));
    known.clock.pass(2s);
    CHECK(known.tally() == "1 0 0 1");
  }

  TEST_CASE("flags are told apart, and who never had treatment is not counted") {
    Known known;
    known.holders.sent("a", "t1", {{kFlag, known.clock.wall() + 45s}, {"other", std::nullopt}});
    known.holders.sent("b", "s1", Known::safe());
    CHECK(known.tally() == "1 0 0 0");
    CHECK(known.tally("other") == "0 0 0 0");
    CHECK(known.holders.records() == 1);
  }

  TEST_CASE("who asks for one flag at a time never confirms") {
    Known known;
    known.holders.sent("one", "", known.treatment());
    known.holders.sent("one", "", Known::safe());
    known.holders.shows("one", "");
    CHECK(known.tally() == "0 1 0 0");
  }

  TEST_CASE("at the bound there is no room for newcomers, until old records may be forgotten") {
    Known known({.records = 2, .remembered = 10min});
    known.holders.sent("a", "t1", known.treatment());
    known.holders.sent("b", "t1", known.treatment());
    CHECK(known.holders.has_room("a"));
    CHECK_FALSE(known.holders.has_room("c"));
    known.clock.pass(45s - 1ms);
    CHECK_FALSE(known.holders.has_room("c"));
    known.clock.pass(1s);  // It looks once a second.
    CHECK(known.holders.has_room("c"));
    CHECK(known.holders.records() == 0);
  }

  TEST_CASE("with room left it is remembered for a while who confirmed, and who did not") {
    Known known({.records = 9, .remembered = 10min});
    known.holders.sent("a", "t1", known.treatment());
    known.clock.pass(45s + 10min - 1ms);
    known.holders.sent("b", "t1", known.treatment());
    CHECK(known.tally() == "1 0 0 1");
    known.clock.pass(1min);
    known.holders.sent("c", "t1", known.treatment());
    CHECK(known.tally() == "1 0 0 1");  // b lapsed, a is forgotten.
  }
}

}  // namespace readback::guard
