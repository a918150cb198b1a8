#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "configs/demo/notes_service/note.h"
#include "configs/demo/notes_service/stale_cache.h"
#include "configs/demo/sqlite.h"

// The four paths on which a note is read: by record, by list, by search, by revision history.
// Record and list read the visits, search a full-text table of its own, history the revisions.

namespace demo::notes {

struct Document {
  std::int64_t id = 0;
  std::string title{};
  bool is_shared = false;
};

// A visit as one who reads it sees it.
struct Record {
  VisitId id = 0;
  std::string patient{};
  bool is_closed = false;
  bool has_draft = false;
  std::int64_t revision = 0;
  Note note{};
};

struct Revision {
  std::int64_t revision = 0;
  std::int64_t saved_ms = 0;
  bool is_draft = false;
  Note note{};
};

struct Found {
  VisitId id = 0;
  std::string patient{};
  Note note{};
};

class Reader {
 public:
  // Lists are cut at this many, the newest first.
  static constexpr int kListed = 500;

  Reader(Database& database, StaleCache& cache);

  // Of a visit that exists.
  Record record(VisitId id);
  std::vector<Document> documents(VisitId id);
  std::vector<Record> visits(const std::string& patient);
  // The practitioner's visits in which the words of `text` stand in a row in one field, whatever
  // their case and accents; the last word may go on.
  std::vector<Found> search(const std::string& practitioner, const std::string& text);
  std::vector<Revision> revisions(VisitId id);

 private:
  void make_stale(Record& record) const;

  StaleCache& cache_;
  Statement record_, visits_, search_, indexed_, revisions_, documents_;
};

}  // namespace demo::notes
