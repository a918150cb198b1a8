#include "configs/demo/notes_service/schema.h"

namespace demo::notes {

Database open_database(const std::string& file) {
  Database database(file, Database::Mode::read_write);
  // Each checkpoint syncs, and nothing is served meanwhile: few and large ones.
  database.run(
      "PRAGMA journal_mode = WAL;"
      "PRAGMA synchronous = NORMAL;"
      "PRAGMA wal_autocheckpoint = 4000;");
  database.run(R"(
    CREATE TABLE IF NOT EXISTS practitioners (
      id TEXT PRIMARY KEY, speciality TEXT NOT NULL, region TEXT NOT NULL,
      practice TEXT NOT NULL, is_synthetic INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS patients (
      id TEXT PRIMARY KEY, practitioner TEXT NOT NULL,
      display_name TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS visits (
      id INTEGER PRIMARY KEY AUTOINCREMENT, patient TEXT NOT NULL, practitioner TEXT NOT NULL,
      begun_ms INTEGER NOT NULL, closed_ms INTEGER, revision INTEGER NOT NULL DEFAULT 0,
      has_draft INTEGER NOT NULL DEFAULT 0,
      visit_motive TEXT, interview TEXT, exam_report TEXT, conclusion TEXT) STRICT;
    CREATE INDEX IF NOT EXISTS visits_of_patient ON visits (patient);
    CREATE TABLE IF NOT EXISTS revisions (
      visit INTEGER NOT NULL, revision INTEGER NOT NULL, saved_ms INTEGER NOT NULL,
      is_draft INTEGER NOT NULL,
      visit_motive TEXT, interview TEXT, exam_report TEXT, conclusion TEXT,
      PRIMARY KEY (visit, revision)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS documents (
      id INTEGER PRIMARY KEY AUTOINCREMENT, visit INTEGER NOT NULL, title TEXT NOT NULL,
      content TEXT NOT NULL, shared_ms INTEGER) STRICT;
    CREATE INDEX IF NOT EXISTS documents_of_visit ON documents (visit);
    CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5 (
      practitioner, patient UNINDEXED, visit_motive, interview, exam_report, conclusion,
      tokenize = 'unicode61 remove_diacritics 2');)");
  return database;
}

}  // namespace demo::notes
