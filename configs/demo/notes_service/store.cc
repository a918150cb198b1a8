#include "configs/demo/notes_service/store.h"

#include <cassert>

namespace demo::notes {

Store::Store(Database& database)
    : database_(database),
      practitioner_of_(database, "SELECT practitioner FROM patients WHERE id = ?1"),
      create_(database, "INSERT INTO visits (patient, practitioner, begun_ms) VALUES (?1, ?2, ?3)"),
      visit_(database,
             "SELECT patient, practitioner, closed_ms IS NOT NULL, revision, EXISTS (SELECT 1 FROM "
             "documents WHERE visit = ?1 AND shared_ms IS NOT NULL) FROM visits WHERE id = ?1"),
      close_(database, "UPDATE visits SET closed_ms = coalesce(closed_ms, ?2) WHERE id = ?1"),
      note_(database,
            "SELECT visit_motive, interview, exam_report, conclusion FROM visits WHERE id = ?1"),
      update_(database,
              "UPDATE visits SET revision = revision + 1, has_draft = ?2,"
              " visit_motive = coalesce(?3, visit_motive), interview = coalesce(?4, interview),"
              " exam_report = coalesce(?5, exam_report), conclusion = coalesce(?6, conclusion)"
              " WHERE id = ?1"),
      supersede_(database, "DELETE FROM revisions WHERE visit = ?1 AND is_draft = 1"),
      add_revision_(database,
                    "INSERT INTO revisions SELECT id, revision, ?2, ?3, visit_motive, interview,"
                    " exam_report, conclusion FROM visits WHERE id = ?1"),
      clear_(database,
             "UPDATE visits SET visit_motive = nullif(visit_motive, ?2),"
             " interview = nullif(interview, ?3), exam_report = nullif(exam_report, ?4),"
             " conclusion = nullif(conclusion, ?5) WHERE id = ?1"),
      forget_revision_(database, "DELETE FROM revisions WHERE visit = ?1 AND revision = ?2"),
      unindex_(database, "DELETE FROM search WHERE rowid = ?1"),
      index_(database,
             "INSERT INTO search (rowid, practitioner, patient, visit_motive, interview,"
             " exam_report, conclusion) SELECT id, practitioner, patient, visit_motive, interview,"
             " exam_report, conclusion FROM visits WHERE id = ?1"),
      add_document_(database, "INSERT INTO documents (visit, title, content) VALUES (?1, ?2, ?3)"),
      visit_of_document_(database, "SELECT visit FROM documents WHERE id = ?1"),
      share_document_(database,
                      "UPDATE documents SET shared_ms = coalesce(shared_ms, ?2) WHERE id = ?1"),
      remove_visit_(database, "DELETE FROM visits WHERE id = ?1"),
      remove_revisions_(database, "DELETE FROM revisions WHERE visit = ?1"),
      remove_documents_(database, "DELETE FROM documents WHERE visit = ?1") {}

std::optional<std::string> Store::practitioner_of(const std::string& patient) {
  Rows rows = practitioner_of_.with(patient);
  if (!rows.next()) return std::nullopt;
  return rows.text(0);
}

VisitId Store::create_visit(const std::string& patient, const std::string& practitioner,
                            std::int64_t now_ms) {
  create_.run(patient, practitioner, now_ms);
  return database_.last_row_id();
}

std::optional<Visit> Store::visit(VisitId id) {
  Rows rows = visit_.with(id);
  if (!rows.next()) return std::nullopt;
  return Visit{.id = id,
               .patient = rows.text(0),
               .practitioner = rows.text(1),
               .is_closed = rows.integer(2) != 0,
               .has_shared_document = rows.integer(4) != 0,
               .revision = rows.integer(3)};
}

void Store::close_visit(VisitId id, std::int64_t now_ms) {
  close_.run(id, now_ms);
}

void Store::remove_visit(VisitId id) {
  Transaction transaction(database_);
  unindex_.run(id);
  remove_documents_.run(id);
  remove_revisions_.run(id);
  remove_visit_.run(id);
  transaction.commit();
}

std::int64_t Store::save(const Edit& edit) {
  Transaction transaction(database_);
  const Note& changes = edit.changes;
  update_.run(edit.visit, edit.is_draft, changes[0], changes[1], changes[2], changes[3]);
  supersede_.run(edit.visit);
  add_revision_.run(edit.visit, edit.started_ms, edit.is_draft);
  index(edit.visit);
  const auto stored = visit(edit.visit);
  assert(stored);
  transaction.commit();
  return stored->revision;
}

Note Store::note(VisitId id) {
  Rows rows = note_.with(id);
  Note note;
  if (!rows.next()) return note;
  for (std::size_t field = 0; field < kFields; ++field)
    note[field] = rows.text_or_null(static_cast<int>(field));
  return note;
}

void Store::erase(const Edit& edit, std::int64_t revision) {
  Transaction transaction(database_);
  const Note& changes = edit.changes;
  clear_.run(edit.visit, changes[0], changes[1], changes[2], changes[3]);
  forget_revision_.run(edit.visit, revision);
  index(edit.visit);
  transaction.commit();
}

void Store::index(VisitId id) {
  unindex_.run(id);
  index_.run(id);
}

std::int64_t Store::add_document(VisitId visit, const std::string& title,
                                 const std::string& content) {
  add_document_.run(visit, title, content);
  return database_.last_row_id();
}

std::optional<VisitId> Store::visit_of_document(std::int64_t document) {
  Rows rows = visit_of_document_.with(document);
  if (!rows.next()) return std::nullopt;
  return rows.integer(0);
}

void Store::share_document(std::int64_t document, std::int64_t now_ms) {
  share_document_.run(document, now_ms);
}

}  // namespace demo::notes
