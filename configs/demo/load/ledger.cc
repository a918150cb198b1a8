#include "configs/demo/load/ledger.h"

#include <stdexcept>

#include "configs/demo/token.h"

namespace demo::load {
namespace {

Database open_ledger(const std::string& file) {
  Database database(file, Database::Mode::read_write);
  database.run(R"(
    PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS notes (
      visit TEXT NOT NULL, practitioner TEXT NOT NULL, field TEXT NOT NULL, sha256 TEXT NOT NULL,
      started_ms INTEGER NOT NULL, had_shared_document INTEGER NOT NULL,
      is_draft INTEGER NOT NULL, acknowledged_ms INTEGER, path TEXT, revision INTEGER) STRICT;
    CREATE TABLE IF NOT EXISTS losses (
      visit TEXT NOT NULL, practitioner TEXT NOT NULL, field TEXT NOT NULL,
      started_ms INTEGER NOT NULL, path TEXT NOT NULL, had_shared_document INTEGER NOT NULL,
      sha256 TEXT NOT NULL, found_sha256 TEXT) STRICT;)");
  Statement any(database, "SELECT 1 FROM notes LIMIT 1");
  if (any.with().next()) throw std::runtime_error(file + ": holds the notes of another run");
  database.run("BEGIN");
  return database;
}

}  // namespace

Ledger::Ledger(const std::string& file)
    : database_(open_ledger(file)),
      add_(database_, "INSERT INTO notes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"),
      all_(database_,
           "SELECT visit, practitioner, field, sha256, path, started_ms,"
           " acknowledged_ms IS NOT NULL, had_shared_document FROM notes"
           " ORDER BY visit, field, rowid"),
      add_loss_(database_, "INSERT INTO losses VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)") {}

void Ledger::add(const Sent& sent, const Save& save) {
  for (std::size_t field = 0; field < kFields; ++field) {
    if (!save.texts[field]) continue;
    const std::string sha256 = sha256_hex(*save.texts[field]);
    if (sent.acknowledged_ms)
      add_.run(sent.visit, sent.practitioner, kFieldNames[field], sha256, sent.started_ms,
               sent.had_shared_document, save.is_draft, *sent.acknowledged_ms, sent.path,
               sent.revision);
    else
      add_.run(sent.visit, sent.practitioner, kFieldNames[field], sha256, sent.started_ms,
               sent.had_shared_document, save.is_draft);
  }
}

void Ledger::flush() {
  database_.run("COMMIT");
  database_.run("BEGIN");
}

void Ledger::each(const std::function<void(const Entry&)>& visitor) {
  Rows rows = all_.with();
  while (rows.next())
    visitor({.visit = rows.text(0),
             .practitioner = rows.text(1),
             .field = rows.text(2),
             .sha256 = rows.text(3),
             .path = rows.text(4),
             .started_ms = rows.integer(5),
             .is_acknowledged = rows.integer(6) != 0,
             .had_shared_document = rows.integer(7) != 0});
}

void Ledger::add_loss(const Entry& entry, const std::string& found_sha256) {
  add_loss_.run(entry.visit, entry.practitioner, entry.field, entry.started_ms, entry.path,
                entry.had_shared_document, entry.sha256, found_sha256);
}

}  // namespace demo::load
