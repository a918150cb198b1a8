// The half of SqliteDatabase that reads.
#include <algorithm>

#include "guard/sqlite_database.h"
#include "guard/sqlite_rows.h"

namespace readback::guard {

template <class Visit>
Result<void> SqliteDatabase::walk_ledger(Visit visit) {
  auto rows = connection_->prepare("SELECT * FROM ledger ORDER BY number");
  if (rows.has_error()) return rows.error();
  while (true) {
    const auto more = rows->step();
    if (more.has_error()) return more.error();
    if (!*more) return {};
    const auto visited = visit(ledger_row(*rows));
    if (visited.has_error()) return visited;
  }
}

Result<void> SqliteDatabase::load_ledger(const EntryVisitor& each) {
  Chain chain;
  const auto done = walk_ledger([&](LedgerRow row) -> Result<void> {
    const auto whole = chain.check(row);
    if (whole.has_error()) return whole;
    if (each) each(entry_of(row));
    return {};
  });
  if (done.has_error()) return done;
  chain_ = chain;
  return {};
}

Result<void> SqliteDatabase::load_pending(Loaded& loaded) {
  auto rows = connection_->prepare("SELECT * FROM pending ORDER BY id");
  if (rows.has_error()) return rows.error();
  while (true) {
    const auto more = rows->step();
    if (more.has_error()) return more.error();
    if (!*more) break;
    auto read = pending_row(*rows);
    if (read.has_error()) return read.error();
    loaded.pending.push_back(std::move(read).value());
  }
  pending_ = loaded.pending.size();
  return {};
}

Result<void> SqliteDatabase::load_exposures(Loaded& loaded) {
  auto rows = connection_->prepare("SELECT * FROM exposures ORDER BY flag, practitioner");
  if (rows.has_error()) return rows.error();
  while (true) {
    const auto more = rows->step();
    if (more.has_error()) return more.error();
    if (!*more) break;
    auto record = exposure_row(*rows);
    if (record.has_error()) return record.error();
    loaded.exposures.push_back(std::move(record).value());
  }
  exposures_ = loaded.exposures.size();
  return {};
}

Result<void> SqliteDatabase::walk(const EntryVisitor& each) {
  return load_ledger(each);
}

Result<Loaded> SqliteDatabase::load(const EntryVisitor& each) {
  Loaded loaded;
  auto done = load_ledger(each);
  if (done.has_value()) done = load_pending(loaded);
  if (done.has_value()) done = load_exposures(loaded);
  if (done.has_error()) return done.error();
  return loaded;
}

Result<std::vector<Entry>> SqliteDatabase::tail(unsigned count) {
  auto rows = connection_->prepare("SELECT * FROM ledger ORDER BY number DESC LIMIT ?");
  if (rows.has_error()) return rows.error();
  rows->bind(1, std::min(count, kMaxTail));
  std::vector<Entry> entries;
  while (true) {
    const auto more = rows->step();
    if (more.has_error()) return more.error();
    if (!*more) break;
    entries.push_back(entry_of(ledger_row(*rows)));
  }
  std::reverse(entries.begin(), entries.end());
  return entries;
}

Result<std::vector<std::string>> SqliteDatabase::ledger_flags() {
  auto rows = connection_->prepare("SELECT DISTINCT flag FROM ledger WHERE flag <> ''");
  if (rows.has_error()) return rows.error();
  std::vector<std::string> flags;
  while (true) {
    const auto more = rows->step();
    if (more.has_error()) return more.error();
    if (!*more) break;
    flags.push_back(rows->bytes(0));
  }
  return flags;
}

Result<SqliteDatabase::Verified> SqliteDatabase::verify(const std::optional<Digest>& expected) {
  Verified verified;
  bool is_broken = false;
  const auto done = walk_ledger([&](const LedgerRow& row) -> Result<void> {
    if (is_broken) return {};
    const auto whole = verified.chain.check(row);
    is_broken = whole.has_error();
    if (is_broken) verified.broken = whole.error();
    if (is_broken) verified.broken_row = row.number;
    if (!is_broken && verified.chain.last_hash() == expected) verified.has_seen_expected = true;
    return {};
  });
  if (done.has_error()) return done.error();
  return verified;
}

}  // namespace readback::guard
