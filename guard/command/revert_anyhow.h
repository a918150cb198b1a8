#pragma once

#include <optional>
#include <string>
#include <vector>

#include "guard/command/exit_code.h"
#include "guard/result.h"

// How a person's revert becomes true, whatever state the guard is in. The most important decision
// of the product, so it stands alone, and on a seam that tests take the place of.
//
//   the guard        what is done
//   answers          it reverts: served at once, on disk before it answers
//   cannot write     it serves the safe variant; the slot is tried from here
//   knows no flag    the slot is written from here, if the state directory knows the flag
//   and it is unknown  refused, with the nearest name; so it is where the guard gives no answer
//                    and the state directory knows every flag that was ever served. Where it does
//                    not, it is done, and told that the name could not be checked
//   gives no answer  the slot is written if its lock can be had, the guard is killed, the slot is
//                    written again: a hung guard may have cleared it at the last moment
//   is not there     the slot is written
//
// A guard that started meanwhile may have read the slot before it was written, so it is asked, too.

namespace readback::guard {

class Reach {
 public:
  struct Answer {
    enum class Kind {
      reverted,
      not_durable,   // the safe variant is served, but not written
      unknown_flag,  // the guard answered, and serves no such flag
      forbidden,
      silent,  // or an answer that none of a guard is
      absent,  // nobody listens, and nobody holds the daemon's lock
    };
    Kind kind = Kind::silent;
    std::string words;
  };

  // What the state directory tells of a flag's name.
  struct Known {
    bool is_known = false;
    bool is_certain = false;  // false: nothing there tells of every flag that was ever served
    std::string nearest;      // the known name that is most like it; empty if none is
  };

  virtual ~Reach() = default;

  virtual Answer ask(const std::string& flag) = 0;  // waits at most 2 s
  virtual Known look_up(const std::string& flag) = 0;
  // Durable on return; waits at most 1 s for the lock. Doing it twice is no failure.
  virtual Result<void> write_slot(const std::string& flag) = 0;
  // True if the lock's owner was killed, false if nobody had the lock.
  virtual Result<bool> kill_guard() = 0;
  virtual bool is_running() = 0;  // somebody holds the daemon's lock
};

struct Reverted {
  enum class Guard { up, hung, down };  // as it was found
  Guard guard = Guard::down;
  ExitCode exit_code = kFailed;
  bool is_durable = false;
  bool was_killed = false;
  std::vector<std::string> words;  // for a person: what was done, and what was not
};

// kOk: on disk, and no guard serves treatment. kNotDurable: not on disk. kRefused: no such flag, or
// not allowed. kFailed: a guard lives on that could not be asked.
Reverted revert_anyhow(const std::string& flag, Reach& reach);

}  // namespace readback::guard
