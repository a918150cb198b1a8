#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "configs/demo/notes_service/note.h"
#include "configs/demo/sqlite.h"

// What was written by the new editor and is not proven yet, kept beside the notes: the latest text
// of each field. After a revert it is written again by the old editor.

namespace demo::notes {

struct Draft {
  VisitId visit = 0;
  std::size_t field = 0;
  std::string text{};
  std::int64_t started_ms = 0;  // of the save
};

class Drafts {
 public:
  explicit Drafts(Database& database);

  // A save by the new editor was acknowledged.
  void keep(const Edit& edit);
  // A save by the old editor was: what it wrote takes the place of what was kept.
  void replace(const Edit& edit);
  void drop(const Draft& draft);
  // Saves that began at or before `until_ms` are proven.
  void drop_proven(std::int64_t until_ms);

  std::int64_t count();
  // The oldest first.
  std::vector<Draft> all();

 private:
  Database& database_;
  Statement keep_, drop_field_, drop_exactly_, drop_proven_, count_, all_;
};

}  // namespace demo::notes
