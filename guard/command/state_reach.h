#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "guard/command/revert_anyhow.h"
#include "guard/latch_file.h"
#include "guard/state_directory.h"

// The real reach of a rollback: a state directory, and the guard that lives there or once did.

namespace readback::guard {

class StateReach final : public Reach {
 public:
  // `by` and `reason` go to the guard and into the slot; longer ones than it keeps are cut, and
  // control characters become blanks, for a revert must not fail by its words.
  StateReach(StateDirectory directory, std::string by, std::string reason);

  // Empty, or why nothing can be done here at all: no such directory, or not for this user.
  const Problem& obstacle() const { return obstacle_; }
  bool is_forbidden() const { return is_forbidden_; }

  Answer ask(const std::string& flag) override;
  Known look_up(const std::string& flag) override;
  Result<void> write_slot(const std::string& flag) override;
  Result<bool> kill_guard() override;
  bool is_running() override;

  // Where a guard that runs is asked.
  std::string socket() const { return directory_.socket(); }
  // Of the last run and of the latch file; where the last run can't be read, of the ledger. What
  // was ever served has an entry there, for nothing widens without one.
  std::set<std::string> known_flags();
  const std::optional<LastRun>& last_run() const { return last_run_; }
  // How long from now on a client may hold treatment: M of the slot or of the last run, or what is
  // left of an earlier, longer one. None if neither tells.
  std::optional<std::chrono::milliseconds> max_evidence_age(const std::string& flag);

 private:
  void look_around();
  Result<LatchDevice*> latches();

  StateDirectory directory_;
  std::string by_;
  std::string reason_;
  std::optional<LastRun> last_run_;
  std::optional<std::set<std::string>> ledger_flags_;  // read only where there is no last_run_
  std::unique_ptr<LatchDevice> device_;
  bool is_given_up_ = false;  // the guard was silent and could not be killed
  Problem obstacle_;
  bool is_forbidden_ = false;
};

}  // namespace readback::guard
