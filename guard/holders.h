#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "guard/clock.h"

// Who may hold treatment at this moment, as far as the guard can know: a client of bulk answers
// tells with each question which answer it holds (If-None-Match), so that a revert is acknowledged
// without a library of ours. Who asks for one flag at a time tells nothing, and only his lease ends
// what he holds.
//
// Kept in memory alone: after a restart nobody is known, and the latest stamp that was ever served
// (State::held_until) says until when clients of before may hold treatment. Bounded: who can't be
// recorded is not to be served treatment. Single-threaded.

namespace readback::guard {

class Holders {
 public:
  struct Options {
    std::size_t records =
        50'000;  // clients, and pairs of flag and practitioner; some 500 bytes each
    Duration remembered = std::chrono::hours(1);  // after the last stamp, if there is room
  };

  explicit Holders(const Clock& clock) : Holders(clock, Options()) {}
  Holders(const Clock& clock, Options options) : clock_(clock), options_(options) {}

  // Until when each flag of one answer may be treatment; nothing for one that is safe.
  using Answer = std::map<std::string, std::optional<WallTime>>;

  // Whether `client` has a record, or may get one.
  bool has_room(const std::string& client);

  // He was sent this answer, or is about to be: it counts as held from now on. Asserts has_room()
  // if there is treatment in it. `tag` names the answer; empty: he will never tell that he holds
  // it.
  void sent(const std::string& client, const std::string& tag, const Answer& answer);

  // He told that he holds the answer with this tag. Nothing is concluded from one that is unknown:
  // it is older than his last four.
  void shows(const std::string& client, const std::string& tag);

  // What is known of one flag's holders.
  struct Tally {
    std::size_t holding = 0;  // treatment, as they told or were told last
    std::size_t unconfirmed =
        0;                      // were sent the safe variant since, and have not told that it came
    std::size_t confirmed = 0;  // told since that they hold the safe variant
    std::size_t lapsed = 0;     // never told, but their lease is over
    WallTime until{};           // the latest lease of those holding and unconfirmed; 0: nobody
  };
  Tally tally(const std::string& flag) const;

  std::size_t records() const { return clients_.size(); }

 private:
  enum class Standing { holding, unconfirmed, confirmed };
  struct Held {
    Standing standing = Standing::holding;
    WallTime until{};
  };
  struct Sent {
    std::string tag;
    Answer answer;
  };
  struct Client {
    std::map<std::string, Held> held;  // by flag
    std::deque<Sent> sent;             // the latest last
  };

  void forget_lapsed(Duration after);
  void move(Client& client, const Answer& answer, Standing safe);

  const Clock& clock_;
  Options options_;
  std::map<std::string, Client> clients_;
  TimePoint last_forgot_{};
};

}  // namespace readback::guard
