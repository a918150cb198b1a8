#include "configs/demo/notes_service/drafts.h"

namespace demo::notes {
namespace {

Database& with_table(Database& database) {
  database.run(R"(
    CREATE TABLE IF NOT EXISTS drafts (
      visit INTEGER NOT NULL, field INTEGER NOT NULL, text TEXT NOT NULL,
      started_ms INTEGER NOT NULL, PRIMARY KEY (visit, field)) STRICT, WITHOUT ROWID;)");
  return database;
}

}  // namespace

Drafts::Drafts(Database& database)
    : database_(with_table(database)),
      keep_(database, "INSERT OR REPLACE INTO drafts VALUES (?1, ?2, ?3, ?4)"),
      drop_field_(database, "DELETE FROM drafts WHERE visit = ?1 AND field = ?2"),
      drop_exactly_(database,
                    "DELETE FROM drafts WHERE visit = ?1 AND field = ?2 AND started_ms = ?3"),
      drop_proven_(database, "DELETE FROM drafts WHERE started_ms <= ?1"),
      count_(database, "SELECT count(*) FROM drafts"),
      all_(database, "SELECT visit, field, text, started_ms FROM drafts ORDER BY started_ms") {}

void Drafts::keep(const Edit& edit) {
  Transaction transaction(database_);
  for (std::size_t field = 0; field < kFields; ++field)
    if (edit.changes[field])
      keep_.run(edit.visit, static_cast<std::int64_t>(field), *edit.changes[field],
                edit.started_ms);
  transaction.commit();
}

void Drafts::replace(const Edit& edit) {
  Transaction transaction(database_);
  for (std::size_t field = 0; field < kFields; ++field)
    if (edit.changes[field]) drop_field_.run(edit.visit, static_cast<std::int64_t>(field));
  transaction.commit();
}

void Drafts::drop(const Draft& draft) {
  drop_exactly_.run(draft.visit, static_cast<std::int64_t>(draft.field), draft.started_ms);
}

void Drafts::drop_proven(std::int64_t until_ms) {
  drop_proven_.run(until_ms);
}

std::int64_t Drafts::count() {
  Rows rows = count_.with();
  return rows.next() ? rows.integer(0) : 0;
}

std::vector<Draft> Drafts::all() {
  std::vector<Draft> drafts;
  Rows rows = all_.with();
  while (rows.next())
    drafts.push_back({rows.integer(0), static_cast<std::size_t>(rows.integer(1)), rows.text(2),
                      rows.integer(3)});
  return drafts;
}

}  // namespace demo::notes
