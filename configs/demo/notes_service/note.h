#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The words of the service: what a note is, what a save changes, how a path is named.

namespace demo::notes {

inline constexpr std::array<std::string_view, 4> kFieldNames{"visit_motive", "interview",
                                                             "exam_report", "conclusion"};
inline constexpr std::size_t kFields = kFieldNames.size();

// A field that was never written is nullopt; one that was emptied is "". In a change, nullopt
// leaves the field as it is.
using Note = std::array<std::optional<std::string>, kFields>;

using VisitId = std::int64_t;

// Through which editor a save went.
enum class Path { old_editor, new_editor };
inline std::string_view to_string(Path path) {
  return path == Path::old_editor ? "old" : "new";
}

// One save as it was asked for.
struct Edit {
  VisitId visit = 0;
  std::string patient{};
  std::string practitioner{};
  bool is_synthetic = false;
  bool has_shared_document = false;
  bool is_draft = false;
  Note changes{};
  std::int64_t started_ms = 0;  // Unix time at which the request had come
};

}  // namespace demo::notes
