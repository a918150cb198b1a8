#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "guard/clock.h"
#include "guard/void_reason.h"

// What the evaluation route saw of synthetic practitioners: who asked for which flag when, what he
// was served, and when the answer was out whole. An arm of a round is evidence for a variant only
// if its application asked during the write and got that variant in time; else the write went down
// a path that nobody knows, and the arm is void.
//
// Bounded memory: where something was forgotten, the testimony says so and the arm is void.
// Single-threaded.

namespace readback::guard {

// What was seen of one practitioner, asking for one flag, in one span of time.
struct Testimony {
  unsigned evaluations = 0;    // asked within the span
  unsigned other_variant = 0;  // of those, answered with another variant than expected
  unsigned not_whole = 0;      // not answered, or the connection broke
  unsigned late = 0;           // answered whole, but over `answer_within`
  bool is_complete = true;     // false: something of the span was forgotten
  bool counts() const { return !why_void(); }
  // None: at least one evaluation, and all of them as they should be.
  std::optional<VoidReason> why_void() const;
};

// In place of a variant: the evaluation was answered with an error, on purpose.
inline constexpr const char* kNoVariant = "";

class Witness {
 public:
  // How many evaluations of one practitioner and flag are remembered, and of how many such pairs.
  // A write takes seconds and asks a few times; the pairs are those of the plans.
  static constexpr std::size_t kEvaluations = 256;
  static constexpr std::size_t kPairs = 4'096;

  using Ticket = std::uint64_t;

  // An evaluation began: call answered() with the ticket when its answer is out.
  Ticket asked(const std::string& flag, const std::string& practitioner, const std::string& variant,
               TimePoint at);
  // The last byte of the answer was given to the kernel, or could not be.
  void answered(const std::string& flag, const std::string& practitioner, Ticket ticket,
                TimePoint at, bool is_whole);

  // Of the evaluations that were asked in [from, to]; one that isn't answered yet is not whole.
  Testimony judge(const std::string& flag, const std::string& practitioner,
                  const std::string& expected_variant, TimePoint from, TimePoint to,
                  Duration answer_within) const;

 private:
  struct Seen {
    Ticket ticket = 0;
    std::string variant;
    TimePoint asked_at;
    std::optional<TimePoint> answered_at;
    bool is_whole = false;
  };
  struct Pair {
    std::deque<Seen> seen;
    std::optional<TimePoint> forgotten_until;  // what was asked at or before this may be missing
  };
  using Key = std::pair<std::string, std::string>;

  void forget_one_pair();

  std::map<Key, Pair> pairs_;
  std::optional<TimePoint> forgotten_until_;  // of whole pairs
  Ticket next_ticket_ = 1;
};

}  // namespace readback::guard
