#include "guard/witness.h"

#include <doctest/doctest.h>

#include <vector>

namespace readback::guard {
namespace {
using namespace std::chrono_literals;

constexpr TimePoint kStart(1'000s);

struct Seen {
  Duration asked;     // after kStart
  Duration answered;  // after kStart; negative: never
  const char* variant = "new";
  bool is_whole = true;
};

void witness(Witness& witness, const std::string& who, const Seen& seen) {
  const auto ticket = witness.asked("flag", who, seen.variant, kStart + seen.asked);
  if (seen.answered < 0s) return;
  witness.answered("flag", who, ticket, kStart + seen.answered, seen.is_whole);
}

// Of a write that began at 1 s and was acknowledged at 2 s.
Testimony judge(const Witness& witness, const std::string& who = "synthetic-1") {
  return witness.judge("flag", who, "new", kStart + 1s, kStart + 2s, 100ms);
}

}  // namespace

TEST_SUITE("guard/witness") {
  TEST_CASE("an arm counts only if all that was asked during the write was answered right") {
    struct Row {
      const char* what;
      std::vector<Seen> seen;
      bool counts;
      const char* why;
    };
    const Row rows[] = {
        {"asked and answered", {{1'500ms, 1'501ms}}, true, ""},
        {"asked twice", {{1'100ms, 1'101ms}, {1'900ms, 1'910ms}}, true, ""},
        {"asked at the start of the write", {{1s, 1'001ms}}, true, ""},
        {"asked at its acknowledgement", {{2s, 2s}}, true, ""},
        {"answered at the limit", {{1'500ms, 1'600ms}}, true, ""},
        {"never asked", {}, false, "not_asked"},
        {"asked before", {{1s - 1ns, 1s}}, false, "not_asked"},
        {"asked after", {{2s + 1ns, 3s}}, false, "not_asked"},
        {"answered late", {{1'500ms, 1'600ms + 1ns}}, false, "answered_late"},
        {"one late of two", {{1'100ms, 1'101ms}, {1'500ms, 1'900ms}}, false, "answered_late"},
        {"not answered yet", {{1'500ms, -1s}}, false, "not_whole"},
        {"cut off", {{1'500ms, 1'501ms, "new", false}}, false, "not_whole"},
        {"another variant", {{1'500ms, 1'501ms, "old"}}, false, "other_variant"},
        {"both variants", {{1'500ms, 1'501ms}, {1'502ms, 1'503ms, "old"}}, false, "other_variant"},
        {"another variant before the write", {{500ms, 501ms, "old"}, {1'500ms, 1'501ms}}, true, ""},
    };
    for (const Row& row : rows) {
      CAPTURE(row.what);
      Witness seen;
      for (const Seen& each : row.seen) witness(seen, "synthetic-1", each);
      const Testimony testimony = judge(seen);
      CHECK(testimony.counts() == row.counts);
      const auto why = testimony.why_void();
      CHECK((why ? to_string(*why) : "") == row.why);
    }
  }

  TEST_CASE("one practitioner's questions say nothing of another's, nor of another flag") {
    Witness seen;
    witness(seen, "synthetic-1", {1'500ms, 1'501ms});
    CHECK(judge(seen, "synthetic-1").counts());
    CHECK_FALSE(judge(seen, "synthetic-2").counts());
    CHECK_FALSE(seen.judge("another", "synthetic-1", "new", kStart, kStart + 2s, 100ms).counts());
  }

  TEST_CASE("a flood is bounded, and what it pushed out makes the arm void") {
    Witness seen;
    for (std::size_t i = 0; i < Witness::kEvaluations; ++i) {
      witness(seen, "synthetic-1", {1'500ms, 1'501ms});
    }
    CHECK(judge(seen).evaluations == Witness::kEvaluations);
    CHECK(judge(seen).counts());
    witness(seen, "synthetic-1", {1'500ms, 1'501ms});
    CHECK(judge(seen).evaluations == Witness::kEvaluations);
    CHECK_FALSE(judge(seen).counts());
    CHECK(judge(seen).why_void() == VoidReason::forgotten);
    for (std::size_t i = 0; i < Witness::kEvaluations; ++i) {
      witness(seen, "synthetic-2", {500ms, 501ms});
    }
    witness(seen, "synthetic-2", {1'500ms, 1'501ms});
    CHECK(judge(seen, "synthetic-2").counts());  // What was pushed out was asked before the write.
  }

  TEST_CASE("of too many practitioners the longest silent one is forgotten, and no other") {
    Witness seen;
    for (std::size_t i = 0; i < Witness::kPairs; ++i) {
      witness(seen, "synthetic-" + std::to_string(i), {1s + i * 1us, 1s + i * 1us});
    }
    CHECK(judge(seen, "synthetic-0").counts());
    witness(seen, "one-more", {1'500ms, 1'501ms});
    CHECK_FALSE(judge(seen, "synthetic-0").is_complete);
    CHECK_FALSE(judge(seen, "one-more").is_complete);  // Its own past may be what was forgotten.
    CHECK(seen.judge("flag", "one-more", "new", kStart + 1'400ms, kStart + 2s, 100ms).counts());
  }
}

}  // namespace readback::guard
