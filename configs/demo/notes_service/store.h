#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "configs/demo/notes_service/note.h"
#include "configs/demo/sqlite.h"

// The storage layer in which both editors end: visits, their notes and revisions, documents.
// Each call is one transaction. Throws std::runtime_error where the database fails.

namespace demo::notes {

struct Visit {
  VisitId id = 0;
  std::string patient{};
  std::string practitioner{};
  bool is_closed = false;
  bool has_shared_document = false;
  std::int64_t revision = 0;
};

class Store {
 public:
  explicit Store(Database& database);

  // Whose patient, if there is one.
  std::optional<std::string> practitioner_of(const std::string& patient);

  VisitId create_visit(const std::string& patient, const std::string& practitioner,
                       std::int64_t now_ms);
  std::optional<Visit> visit(VisitId id);
  void close_visit(VisitId id, std::int64_t now_ms);
  // Removes the visit with its notes, revisions and documents.
  void remove_visit(VisitId id);

  // Writes the changed fields of a visit that exists and returns its new revision, which carries
  // all fields. A draft takes the place of the draft before it; a save takes it over.
  std::int64_t save(const Edit& edit);
  // What is stored now.
  Note note(VisitId id);
  // Takes out again what `edit` wrote as `revision`, where no later save has replaced it.
  void erase(const Edit& edit, std::int64_t revision);

  std::int64_t add_document(VisitId visit, const std::string& title, const std::string& content);
  std::optional<VisitId> visit_of_document(std::int64_t document);
  void share_document(std::int64_t document, std::int64_t now_ms);

 private:
  // Makes the visit's entry in the search table anew, from what is stored.
  void index(VisitId id);

  Database& database_;
  Statement practitioner_of_, create_, visit_, close_, note_;
  Statement update_, supersede_, add_revision_, clear_, forget_revision_;
  Statement unindex_, index_;
  Statement add_document_, visit_of_document_, share_document_;
  Statement remove_visit_, remove_revisions_, remove_documents_;
};

}  // namespace demo::notes
