#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "guard/file.h"
#include "guard/latch_file.h"
#include "guard/result.h"

// The directory that outlives a daemon, and all that `guard rollback` needs to know, so that it
// works without a config:
//
//   latches        guard/latch_format.h, mode 0660
//   state.db       guard/sqlite_database.h, mode 0640
//   lock           empty, mode 0640; the daemon holds a lock on it for its whole life
//   socket         the daemon's Unix socket
//   last-run.json  LastRun, mode 0640, replaced whole

namespace readback::guard {

// What a daemon that is up, hung or gone has last been.
struct LastRun {
  struct Flag {
    std::string build;
    std::chrono::milliseconds max_evidence_age{};  // 0: it is not served any more
    // Wall time until which a client may hold what was served under a longer max_evidence_age.
    std::chrono::milliseconds held_until{};
  };
  std::string ofrep_address;  // "127.0.0.1:8016"
  std::string token_file;     // path of the bearer token of OFREP
  std::map<std::string, Flag> flags;
};

// Carries over to `run` until when clients may hold what was served as `before` says: of flags
// whose max_evidence_age is shorter now, and of flags that are gone, as long as that lasts.
void keep_bounds(const LastRun& before, std::chrono::milliseconds now, LastRun& run);

// The lock of the one daemon; let go at the end of its life, or of its process.
class DaemonLock {
 public:
  explicit DaemonLock(File file) : file_(std::move(file)) {}

 private:
  File file_;
};

class StateDirectory {
 public:
  explicit StateDirectory(std::string path) : path_(std::move(path)) {}

  // `option` if it isn't empty, else the environment's READBACK_STATE, else /var/lib/readback.
  static StateDirectory find(const std::string& option);

  const std::string& path() const { return path_; }
  std::string latches() const { return path_ + "/latches"; }
  std::string database() const { return path_ + "/state.db"; }
  std::string lock() const { return path_ + "/lock"; }
  std::string socket() const { return path_ + "/socket"; }
  std::string last_run() const { return path_ + "/last-run.json"; }

  // Makes the directory, mode 0750, with its parents, durably. Fails if the socket's path would be
  // longer than the kernel takes (107 bytes).
  Result<void> make() const;

  // Fails at once, naming the owner, if another process has it. Once a process: a POSIX lock is
  // lost when any descriptor of the file is closed, and only it tells its owner's process id.
  Result<DaemonLock> take_lock() const;

  // The process id that the kernel names as the lock's owner; none if nobody has it. Asks by a
  // descriptor of its own: never call it in the process that holds the lock.
  Result<std::optional<pid_t>> lock_owner() const;

  // Kills the lock's owner, by a pidfd taken before the kernel names it once more, so that no other
  // process can be hit, and waits for its end. True if there was one. Fails if it may not be
  // killed or lives on after `patience`. Never in the process that holds the lock.
  Result<bool> kill_lock_owner(std::chrono::milliseconds patience) const;

  // Creates the latch file where it is missing: clear on a first start, but with every flag latched
  // if a database or a last run shows that there was one. Call it before the database is made.
  Result<std::unique_ptr<LatchDevice>> open_latches() const;

  Result<void> write_last_run(const LastRun& run) const;
  Result<LastRun> read_last_run() const;

 private:
  std::string path_;
};

}  // namespace readback::guard
