#include "guard/command/revert_anyhow.h"

namespace readback::guard {
namespace {

using Kind = Reach::Answer::Kind;

// Whoever restarts a guard at once gets past the first turn; nobody past the third but a guard that
// dies at its start again and again.
constexpr int kTurns = 3;

class Revert {
 public:
  Revert(const std::string& flag, Reach& reach) : flag_(flag), reach_(reach) {}

  Reverted run() {
    for (int turn = 0; turn < kTurns; ++turn)
      if (take_turn()) return std::move(reverted_);
    reverted_.exit_code = kFailed;
    say("a guard starts again and again: stop what restarts it, then run this again");
    return std::move(reverted_);
  }

 private:
  // True once there is nothing more to do.
  bool take_turn() {
    const Reach::Answer answer = reach_.ask(flag_);
    if (answer.kind == Kind::forbidden) return refuse(answer.words);
    const bool is_served = answer.kind == Kind::reverted || answer.kind == Kind::not_durable;
    if (!is_served && !check_name(answer.kind == Kind::unknown_flag)) return true;
    switch (answer.kind) {
      case Kind::reverted:
        reverted_.guard = Reverted::Guard::up;
        reverted_.is_durable = true;
        reverted_.exit_code = kOk;
        say(answer.words);
        return true;
      case Kind::not_durable:
      case Kind::unknown_flag:
        reverted_.guard = Reverted::Guard::up;
        say(answer.words);
        write();
        return true;
      case Kind::silent:
        return get_past_a_hung_guard(answer.words);
      case Kind::absent:
        write();
        return !reach_.is_running();
      case Kind::forbidden:
        break;
    }
    return true;
  }

  // Whether to go on. `is_denied`: a guard that is well knows no such flag.
  bool check_name(bool is_denied) {
    const Reach::Known known = reach_.look_up(flag_);
    if (known.is_known) return true;
    if (is_denied || known.is_certain) {
      refuse("no guard here ever served a flag \"" + flag_ + "\"; nothing was done" +
             (known.nearest.empty() ? "" : ". Did you mean \"" + known.nearest + "\"?"));
      return false;
    }
    if (!is_unchecked_)
      say("THE NAME COULD NOT BE CHECKED: neither the last run nor the ledger can be read here");
    is_unchecked_ = true;
    return true;
  }

  bool get_past_a_hung_guard(const std::string& words) {
    reverted_.guard = Reverted::Guard::hung;
    say("the guard gives no answer: " + words);
    write();
    const Result<bool> killed = reach_.kill_guard();
    if (killed.has_error()) {
      reverted_.exit_code = kFailed;
      say("the hung guard could not be killed (" + killed.error().where + ": " +
          killed.error().what +
          "): it may serve treatment again when it wakes up; run this again "
          "as root");
      return true;
    }
    if (*killed) {
      reverted_.was_killed = true;
      say("the hung guard was killed");
      write();
    }
    return !reach_.is_running();
  }

  void write() {
    const Result<void> written = reach_.write_slot(flag_);
    reverted_.is_durable = written.has_value();
    reverted_.exit_code = written.has_value() ? kOk : kNotDurable;
    if (written.has_error())
      say("its latch could not be written: " + written.error().where + ": " + written.error().what);
  }

  bool refuse(const std::string& words) {
    reverted_.exit_code = kRefused;
    say(words);
    return true;
  }

  void say(const std::string& words) { reverted_.words.push_back(words); }

  const std::string& flag_;
  Reach& reach_;
  Reverted reverted_;
  bool is_unchecked_ = false;
};

}  // namespace

Reverted revert_anyhow(const std::string& flag, Reach& reach) {
  return Revert(flag, reach).run();
}

}  // namespace readback::guard
