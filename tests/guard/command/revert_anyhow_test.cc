#include "guard/command/revert_anyhow.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>

namespace readback::guard {
namespace {

using Kind = Reach::Answer::Kind;

// A state directory and its guard, as a script. What was done is a line of words.
class ScriptedReach final : public Reach {
 public:
  Answer ask(const std::string&) override {
    done += "ask ";
    if (answers.empty()) return {Kind::absent, "nobody"};
    const Kind kind = answers.front();
    answers.pop_front();
    return {kind, "words of the guard"};
  }
  Known look_up(const std::string&) override { return {is_known, is_certain, "notes-editor"}; }
  Result<void> write_slot(const std::string&) override {
    done += "write ";
    if (writes_fail > 0 && writes_fail-- > 0) return Problem{"latches", "no lock"};
    return {};
  }
  Result<bool> kill_guard() override {
    done += "kill ";
    if (!may_kill) return Problem{"process 7", "Operation not permitted"};
    const bool was_running = running;
    running = starts_again;
    return was_running;
  }
  bool is_running() override { return running; }

  std::deque<Kind> answers;
  bool is_known = true;
  bool is_certain = true;
  int writes_fail = 0;
  bool may_kill = true;
  bool running = false;
  bool starts_again = false;
  std::string done;
};

struct Row {
  const char* claim;
  std::deque<Kind> answers;
  bool is_known;
  int writes_fail;
  bool may_kill;
  bool running;
  bool starts_again;
  const char* done;
  ExitCode exit_code;
  bool is_durable;
};

const Row kRows[] = {
    {"a guard that is well does it alone",
     {Kind::reverted},
     true,
     0,
     true,
     true,
     false,
     "ask ",
     kOk,
     true},
    {"one whose state directory has lost its record, too",
     {Kind::reverted},
     false,
     0,
     true,
     true,
     false,
     "ask ",
     kOk,
     true},
    {"what the guard cannot write is written from here",
     {Kind::not_durable},
     true,
     0,
     true,
     true,
     false,
     "ask write ",
     kOk,
     true},
    {"a disk that nobody can write to is told",
     {Kind::not_durable},
     true,
     9,
     true,
     true,
     false,
     "ask write ",
     kNotDurable,
     false},
    {"a flag that only the slots know is latched",
     {Kind::unknown_flag},
     true,
     0,
     true,
     true,
     false,
     "ask write ",
     kOk,
     true},
    {"a mistyped flag is refused",
     {Kind::unknown_flag},
     false,
     0,
     true,
     true,
     false,
     "ask ",
     kRefused,
     false},
    {"a mistyped flag kills nobody",
     {Kind::silent},
     false,
     0,
     true,
     true,
     false,
     "ask ",
     kRefused,
     false},
    {"a mistyped flag is refused without a guard, too",
     {Kind::absent},
     false,
     0,
     true,
     false,
     false,
     "ask ",
     kRefused,
     false},
    {"who is not allowed does nothing",
     {Kind::forbidden},
     true,
     0,
     true,
     true,
     false,
     "ask ",
     kRefused,
     false},
    {"a hung guard is killed, and cannot have cleared the slot meanwhile",
     {Kind::silent},
     true,
     0,
     true,
     true,
     false,
     "ask write kill write ",
     kOk,
     true},
    {"a hung guard that holds the slot's lock loses it",
     {Kind::silent},
     true,
     1,
     true,
     true,
     false,
     "ask write kill write ",
     kOk,
     true},
    {"a hung guard is killed also if nothing can be written",
     {Kind::silent},
     true,
     9,
     true,
     true,
     false,
     "ask write kill write ",
     kNotDurable,
     false},
    {"a hung guard that may not be killed is no success",
     {Kind::silent},
     true,
     0,
     false,
     true,
     false,
     "ask write kill ",
     kFailed,
     true},
    {"a guard that was started again at once is asked",
     {Kind::silent, Kind::reverted},
     true,
     0,
     true,
     true,
     true,
     "ask write kill write ask ",
     kOk,
     true},
    {"without a guard the slot is written",
     {Kind::absent},
     true,
     0,
     true,
     false,
     false,
     "ask write ",
     kOk,
     true},
    {"without a guard and with a broken disk it is told",
     {Kind::absent},
     true,
     9,
     true,
     false,
     false,
     "ask write ",
     kNotDurable,
     false},
    {"a guard that started while the slot was written is asked",
     {Kind::absent, Kind::reverted},
     true,
     0,
     true,
     true,
     false,
     "ask write ask ",
     kOk,
     true},
    {"a guard that starts for ever is no success",
     {Kind::silent, Kind::silent, Kind::silent},
     true,
     0,
     true,
     true,
     true,
     "ask write kill write ask write kill write ask write kill write ",
     kFailed,
     true},
};

TEST_SUITE("revert_anyhow") {
  TEST_CASE("a revert becomes true whatever state the guard is in") {
    for (const Row& row : kRows) {
      CAPTURE(row.claim);
      ScriptedReach reach;
      reach.answers = row.answers;
      reach.is_known = row.is_known;
      reach.writes_fail = row.writes_fail;
      reach.may_kill = row.may_kill;
      reach.running = row.running;
      reach.starts_again = row.starts_again;
      const Reverted reverted = revert_anyhow("notes-editor-v2", reach);
      CHECK(reach.done == row.done);
      CHECK(reverted.exit_code == row.exit_code);
      CHECK(reverted.is_durable == row.is_durable);
    }
  }

  TEST_CASE("a name that nobody can check is latched, and told to be unchecked, once") {
    ScriptedReach reach;
    reach.answers = {Kind::silent};
    reach.is_known = false;
    reach.is_certain = false;
    reach.running = true;
    const Reverted reverted = revert_anyhow("notes-editor-v2", reach);
    CHECK(reverted.exit_code == kOk);
    CHECK(reach.done == "ask write kill write ");
    const auto is_warning = [](const std::string& words) {
      return words.starts_with("THE NAME COULD NOT BE CHECKED");
    };
    CHECK(std::count_if(reverted.words.begin(), reverted.words.end(), is_warning) == 1);
  }

  TEST_CASE("a guard that is well knows its flags, whatever its state directory has lost") {
    ScriptedReach reach;
    reach.answers = {Kind::unknown_flag};
    reach.is_known = false;
    reach.is_certain = false;
    reach.running = true;
    const Reverted reverted = revert_anyhow("notes-editro", reach);
    CHECK(reverted.exit_code == kRefused);
    CHECK(reach.done == "ask ");
    REQUIRE(reverted.words.size() == 1);
    CHECK(reverted.words[0].ends_with("Did you mean \"notes-editor\"?"));
  }

  TEST_CASE("what was found and done is told") {
    ScriptedReach reach;
    reach.answers = {Kind::silent};
    reach.running = true;
    const Reverted reverted = revert_anyhow("notes-editor-v2", reach);
    CHECK(reverted.guard == Reverted::Guard::hung);
    CHECK(reverted.was_killed);
    REQUIRE(reverted.words.size() == 2);
    CHECK(reverted.words[1] == "the hung guard was killed");
  }
}

}  // namespace
}  // namespace readback::guard
