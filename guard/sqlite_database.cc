#include "guard/sqlite_database.h"

#include <algorithm>
#include <cassert>

#include "guard/sqlite_log.h"
#include "guard/sqlite_rows.h"

namespace readback::guard {
namespace {

constexpr int kVersion = 1;
constexpr int kApplicationId = 0x52424B31;  // "RBK1"
constexpr int kGrowBytes = 1 << 20;

// One step a version, from the one before it; never edited once released.
constexpr const char* kSteps[kVersion] = {
    "CREATE TABLE ledger(number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, flag TEXT NOT NULL,"
    " kind TEXT NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL, state TEXT NOT NULL,"
    " hash BLOB NOT NULL) STRICT;"
    "CREATE TABLE pending(id TEXT PRIMARY KEY, flag TEXT NOT NULL, task TEXT NOT NULL,"
    " checksum BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE exposures(flag TEXT NOT NULL, practitioner TEXT NOT NULL,"
    " first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, step INTEGER NOT NULL,"
    " checksum BLOB NOT NULL, PRIMARY KEY(flag, practitioner)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE opened(times INTEGER NOT NULL) STRICT;"
    "INSERT INTO opened VALUES(0);"};

Result<void> expect(SqliteConnection& connection, const std::string& question,
                    const std::string& answer) {
  const auto got = connection.ask(question);
  if (got.has_error()) return got.error();
  if (*got != answer) return Problem{"sqlite", question + " says " + *got + ", not " + answer};
  return {};
}

std::size_t size_of(const Entry& entry, const LedgerRow& row) {
  return entry.flag.size() + entry.kind.size() + entry.by.size() + entry.reason.size() +
         row.state.size();
}

}  // namespace

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open_to_write(
    const DatabaseOptions& options) {
  const auto log = rewrite_log(options.path, options.vfs);
  if (log.has_error()) return log.error();
  auto connection =
      SqliteConnection::open(options.path, options.vfs, SqliteConnection::Mode::writer);
  if (connection.has_error()) return connection.error();
  auto database = std::make_unique<SqliteDatabase>(options, std::move(connection).value());
  const auto done = database->set_up();
  if (done.has_error()) return Problem{options.path, done.error().where + ": " + done.error().what};
  return database;
}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open_to_read(
    const DatabaseOptions& options) {
  auto connection =
      SqliteConnection::open(options.path, options.vfs, SqliteConnection::Mode::reader);
  if (connection.has_error()) return connection.error();
  const auto known = expect(**connection, "PRAGMA application_id", std::to_string(kApplicationId));
  if (known.has_error()) return Problem{options.path, known.error().what};
  return std::make_unique<SqliteDatabase>(options, std::move(connection).value());
}

Result<void> SqliteDatabase::set_up() {
  connection_->grow_in_steps_of(kGrowBytes);
  // Our own checkpoints, for SQLite's automatic ones swallow their errors.
  auto done = connection_->execute(
      "PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=FULL; PRAGMA cell_size_check=ON;"
      "PRAGMA trusted_schema=OFF; PRAGMA mmap_size=0;");
  if (done.has_error()) return done;
  done = expect(*connection_, "PRAGMA journal_mode=WAL", "wal");
  if (done.has_error()) return done;
  done = expect(*connection_, "PRAGMA quick_check(1)", "ok");
  if (done.has_error()) return done;
  done = migrate();
  if (done.has_error()) return done;
  // The last process may have died, or met a failed sync, with commits in the log that only the
  // page cache holds. What is loaded is acted on, so it must not be lost by the next power cut:
  // copy it over, and then make SQLite sync the log once more.
  done = connection_->checkpoint(true);
  if (done.has_error()) return done;
  return transact([this] { return connection_->execute("UPDATE opened SET times = times + 1"); });
}

Result<void> SqliteDatabase::migrate() {
  const auto version = connection_->ask("PRAGMA user_version");
  if (version.has_error()) return version.error();
  const int found = std::atoi(version->c_str());
  if (found > kVersion) return Problem{"sqlite", "the file was made by a newer release"};
  if (found == 0) {
    const auto empty = expect(*connection_, "SELECT count(*) FROM sqlite_schema", "0");
    if (empty.has_error()) return Problem{"sqlite", "the file is somebody else's database"};
  } else {
    const auto own = expect(*connection_, "PRAGMA application_id", std::to_string(kApplicationId));
    if (own.has_error()) return own;
  }
  if (found == kVersion) return {};
  return transact([this, found]() -> Result<void> {
    for (int step = found; step < kVersion; ++step) {
      const auto done = connection_->execute(kSteps[step]);
      if (done.has_error()) return done;
    }
    return connection_->execute("PRAGMA user_version=" + std::to_string(kVersion) +
                                "; PRAGMA application_id=" + std::to_string(kApplicationId));
  });
}

template <class Work>
Result<void> SqliteDatabase::transact(Work work) {
  auto done = connection_->begin();
  if (done.has_error()) return done;
  done = work();
  if (done.has_value()) done = connection_->execute("COMMIT");
  if (done.has_error()) {
    (void)connection_->execute("ROLLBACK");
    return done;
  }
  // What was committed is durable whatever this says; a failure makes the next call fail.
  if (connection_->log_pages() >= options_.checkpoint_pages) (void)connection_->checkpoint(false);
  return done;
}

Result<void> SqliteDatabase::append(const std::vector<Entry>& entries) {
  Chain next = chain_;
  std::vector<LedgerRow> rows;
  for (const Entry& entry : entries) {
    LedgerRow row = row_of(entry);
    if (size_of(entry, row) > kMaxRowBytes)
      return Problem{"ledger", "an entry has more than " + std::to_string(kMaxRowBytes) + " bytes"};
    next.add(row);
    rows.push_back(std::move(row));
  }
  const auto done = transact([&]() -> Result<void> {
    auto insert = connection_->prepare("INSERT INTO ledger VALUES(?,?,?,?,?,?,?,?)");
    if (insert.has_error()) return insert.error();
    for (const LedgerRow& row : rows) {
      bind_row(*insert, row);
      const auto inserted = insert->run();
      if (inserted.has_error()) return inserted;
    }
    return {};
  });
  if (done.has_value()) chain_ = next;
  return done;
}

Result<void> SqliteDatabase::put_pending(const std::vector<PendingRead>& reads) {
  for (const PendingRead& read : reads)
    if (text_of(read.task).size() > kMaxRowBytes)
      return Problem{"pending read " + read.id, "its task is too long"};
  std::size_t added = 0;
  const auto done = transact([&]() -> Result<void> {
    auto erase = connection_->prepare("DELETE FROM pending WHERE id = ? RETURNING id");
    if (erase.has_error()) return erase.error();
    auto insert = connection_->prepare("INSERT INTO pending VALUES(?,?,?,?)");
    if (insert.has_error()) return insert.error();
    for (const PendingRead& read : reads) {
      erase->bind_text(1, read.id);
      auto was_there = erase->step();
      if (was_there.has_error()) return was_there.error();
      added += *was_there ? 0 : 1;
      if (*was_there) was_there = erase->step();
      if (was_there.has_error()) return was_there.error();
      bind_row(*insert, read);
      const auto inserted = insert->run();
      if (inserted.has_error()) return inserted;
    }
    if (pending_ + added > options_.max_pending)
      return Problem{"pending reads",
                     "more than " + std::to_string(options_.max_pending) + " would be waiting",
                     /*is_refusal=*/true};
    return {};
  });
  if (done.has_value()) pending_ += added;
  return done;
}

Result<void> SqliteDatabase::erase_pending(const std::vector<std::string>& ids) {
  std::size_t erased = 0;
  const auto done = transact([&]() -> Result<void> {
    auto erase = connection_->prepare("DELETE FROM pending WHERE id = ? RETURNING id");
    if (erase.has_error()) return erase.error();
    for (const std::string& id : ids) {
      erase->bind_text(1, id);
      auto was_there = erase->step();
      if (was_there.has_value() && *was_there) {
        ++erased;
        was_there = erase->step();
      }
      if (was_there.has_error()) return was_there.error();
    }
    return {};
  });
  if (done.has_value()) pending_ -= erased;
  return done;
}

Result<void> SqliteDatabase::record_exposures(const std::vector<ExposureRecord>& records) {
  std::size_t added = 0;
  const auto done = transact([&]() -> Result<void> {
    auto find = connection_->prepare("SELECT * FROM exposures WHERE flag = ? AND practitioner = ?");
    if (find.has_error()) return find.error();
    auto put = connection_->prepare("INSERT OR REPLACE INTO exposures VALUES(?,?,?,?,?,?)");
    if (put.has_error()) return put.error();
    for (ExposureRecord record : records) {
      find->bind_text(1, record.flag);
      find->bind_text(2, record.practitioner);
      auto was_there = find->step();
      if (was_there.has_error()) return was_there.error();
      if (*was_there) {
        const auto old = exposure_row(*find);
        if (old.has_error()) return old.error();
        record.first = std::min(record.first, old->first);
        if (old->last > record.last) record.step = old->step;
        record.last = std::max(record.last, old->last);
        was_there = find->step();
        if (was_there.has_error()) return was_there.error();
      } else if (exposures_ + ++added > options_.max_exposures) {
        return Problem{"exposures",
                       "the bound of " + std::to_string(options_.max_exposures) + " is reached"};
      }
      bind_row(*put, record);
      const auto stored = put->run();
      if (stored.has_error()) return stored;
    }
    return {};
  });
  if (done.has_value()) exposures_ += added;
  return done;
}

}  // namespace readback::guard
