#include "configs/demo/notes_service/reader.h"

#include <algorithm>
#include <utility>

namespace demo::notes {
namespace {

using Clock = std::chrono::steady_clock;

Note note_at(const Rows& rows, int column) {
  Note note;
  for (auto& field : note) field = rows.text_or_null(column++);
  return note;
}

Record record_of(const Rows& rows) {
  return {.id = rows.integer(0),
          .patient = rows.text(1),
          .is_closed = rows.integer(2) != 0,
          .has_draft = rows.integer(3) != 0,
          .revision = rows.integer(4),
          .note = note_at(rows, 5)};
}

// A string of FTS5's query language.
std::string quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    if (c != '\0') quoted += c;
  }
  return quoted + '"';
}

bool holds(const Note& note, const std::string& text) {
  return std::any_of(note.begin(), note.end(), [&](const std::optional<std::string>& field) {
    return field && field->find(text) != std::string::npos;
  });
}

}  // namespace

Reader::Reader(Database& database, StaleCache& cache)
    : cache_(cache),
      record_(database,
              "SELECT id, patient, closed_ms IS NOT NULL, has_draft, revision, visit_motive,"
              " interview, exam_report, conclusion FROM visits WHERE id = ?1"),
      visits_(database,
              "SELECT id, patient, closed_ms IS NOT NULL, has_draft, revision, visit_motive,"
              " interview, exam_report, conclusion FROM visits WHERE patient = ?1"
              " ORDER BY id DESC LIMIT ?2"),
      search_(database,
              "SELECT rowid, patient, visit_motive, interview, exam_report, conclusion FROM search"
              " WHERE search MATCH ?1 AND practitioner = ?2 ORDER BY rowid DESC LIMIT ?3"),
      indexed_(database, "SELECT patient FROM search WHERE rowid = ?1"),
      revisions_(database,
                 "SELECT revision, saved_ms, is_draft, visit_motive, interview, exam_report,"
                 " conclusion FROM revisions WHERE visit = ?1 ORDER BY revision DESC"),
      documents_(database,
                 "SELECT id, title, shared_ms IS NOT NULL FROM documents WHERE visit = ?1"
                 " ORDER BY id") {}

Record Reader::record(VisitId id) {
  Rows rows = record_.with(id);
  Record record{.id = id};
  if (rows.next()) record = record_of(rows);
  make_stale(record);
  return record;
}

std::vector<Document> Reader::documents(VisitId id) {
  std::vector<Document> documents;
  Rows rows = documents_.with(id);
  while (rows.next()) documents.push_back({rows.integer(0), rows.text(1), rows.integer(2) != 0});
  return documents;
}

std::vector<Record> Reader::visits(const std::string& patient) {
  std::vector<Record> visits;
  Rows rows = visits_.with(patient, kListed);
  while (rows.next()) {
    visits.push_back(record_of(rows));
    make_stale(visits.back());
  }
  return visits;
}

std::vector<Found> Reader::search(const std::string& practitioner, const std::string& text) {
  std::vector<Found> found;
  const std::string query =
      "practitioner : " + quoted(practitioner) +
      " AND {visit_motive interview exam_report conclusion} : " + quoted(text) + " *";
  const auto stale = cache_.held(practitioner, Clock::now());
  {
    Rows rows = search_.with(query, practitioner, kListed);
    while (rows.next())
      if (!std::binary_search(stale.begin(), stale.end(), rows.integer(0)))
        found.push_back({rows.integer(0), rows.text(1), note_at(rows, 2)});
  }
  for (const VisitId visit : stale) {
    const StaleCache::Entry* entry = cache_.find(visit, Clock::now());
    Rows rows = indexed_.with(visit);
    if (entry != nullptr && holds(entry->note, text) && rows.next())
      found.push_back({visit, rows.text(0), entry->note});
  }
  return found;
}

std::vector<Revision> Reader::revisions(VisitId id) {
  std::vector<Revision> revisions;
  const StaleCache::Entry* entry = cache_.find(id, Clock::now());
  Rows rows = revisions_.with(id);
  while (rows.next())
    if (entry == nullptr || rows.integer(0) <= entry->revision)
      revisions.push_back(
          {rows.integer(0), rows.integer(1), rows.integer(2) != 0, note_at(rows, 3)});
  return revisions;
}

void Reader::make_stale(Record& record) const {
  const StaleCache::Entry* entry = cache_.find(record.id, Clock::now());
  if (entry == nullptr) return;
  record.note = entry->note;
  record.revision = entry->revision;
}

}  // namespace demo::notes
