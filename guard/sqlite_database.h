#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "guard/chain.h"
#include "guard/sqlite_connection.h"
#include "guard/store.h"

// The database itself, without coroutines: what SqliteStore runs on its disk thread, and what
// commands read while a daemon writes. SQLite in WAL mode with synchronous=FULL; exactly one
// process writes (SQLite 3.40 has the WAL-reset bug with two), which the state directory's lock
// ensures.
//
// SQLite checks no pages: so ledger rows are chained by SHA-256 (guard/chain.h), and each row of
// the caches carries the SHA-256 of the netstrings of its table's name and its columns in order.
// Tables, as of user_version 1, application_id 0x52424B31:
//
//   ledger     number, at_ms, flag, kind, by, reason, state (JSON), hash
//   pending    id, flag, task (JSON), checksum
//   exposures  flag, practitioner, first_ms, last_ms, step, checksum
//   opened     times: how often a writer has opened the file

namespace readback::guard {

struct DatabaseOptions {
  std::string path{};
  std::string vfs{};             // SQLite's name of it; empty: the operating system's
  int checkpoint_pages = 1'000;  // length of the log, in pages of 4 KiB, that begins one
  std::size_t max_exposures = 200'000;
  std::size_t max_pending = 100'000;
};

// Bounds of one ledger entry, all its texts together, and of one pending task.
inline constexpr std::size_t kMaxRowBytes = 64 * 1'024;
inline constexpr unsigned kMaxTail = 10'000;  // entries of one tail()

class SqliteDatabase {
 public:
  // Use the two below.
  SqliteDatabase(DatabaseOptions options, std::unique_ptr<SqliteConnection> connection)
      : options_(std::move(options)), connection_(std::move(connection)) {}

  // Migrates, checks pages and rows, and syncs what the last writer left in the log, so that what
  // load() returns is durable. Refuses a file of a newer release or of somebody else.
  static Result<std::unique_ptr<SqliteDatabase>> open_to_write(const DatabaseOptions& options);
  // Sees what was committed when it was opened or later; never waits for the writer.
  static Result<std::unique_ptr<SqliteDatabase>> open_to_read(const DatabaseOptions& options);

  // Everything, with every row checked. Fails at the first broken one.
  Result<Loaded> load(const EntryVisitor& each = {});
  // The ledger alone, with every row checked, without what depends on a writer.
  Result<void> walk(const EntryVisitor& each);
  Result<std::vector<Entry>> tail(unsigned count);
  // Keys of every flag that has an entry, each once. Checks no chain.
  Result<std::vector<std::string>> ledger_flags();

  // The chain up to the first broken row, if there is one.
  struct Verified {
    Chain chain;
    Problem broken;                // where and why; empty if nothing is
    std::uint64_t broken_row = 0;  // its number
    bool has_seen_expected = false;
  };
  // Looks for an entry with the hash `expected`, too.
  Result<Verified> verify(const std::optional<Digest>& expected = std::nullopt);

  // All or nothing, and durable on return. Refusals (a bound, a row too long) change nothing and
  // are no failures.
  Result<void> append(const std::vector<Entry>& entries);
  Result<void> put_pending(const std::vector<PendingRead>& reads);
  Result<void> erase_pending(const std::vector<std::string>& ids);
  Result<void> record_exposures(const std::vector<ExposureRecord>& records);

  // Sticky: what the file holds is unknown until it is opened again.
  bool has_failed() const { return connection_->has_failed(); }

 private:
  Result<void> set_up();
  Result<void> migrate();
  template <class Work>
  Result<void> transact(Work work);
  template <class Visit>
  Result<void> walk_ledger(Visit visit);
  Result<void> load_ledger(const EntryVisitor& each);
  Result<void> load_pending(Loaded& loaded);
  Result<void> load_exposures(Loaded& loaded);

  DatabaseOptions options_;
  std::unique_ptr<SqliteConnection> connection_;
  Chain chain_;                // as of the last commit
  std::size_t exposures_ = 0;  // rows
  std::size_t pending_ = 0;
};

}  // namespace readback::guard
