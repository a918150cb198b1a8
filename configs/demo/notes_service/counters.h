#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <nlohmann/json_fwd.hpp>

#include "configs/demo/notes_service/note.h"

// What the service has done since it started, for whoever runs the demo. It also counts what its
// own faults have lost: the truth by which others' verdicts are checked.

namespace demo::notes {

class Counters {
 public:
  enum class Evaluation { new_editor, old_editor, timed_out, unreachable, unusable };

  void evaluated(Evaluation outcome) { ++evaluations_[static_cast<std::size_t>(outcome)]; }
  // A lease token was shown with a save, and held or not.
  void gated(bool holds) { ++gated_[holds ? 0 : 1]; }
  void acknowledged(const Edit& edit, Path path);
  // Whether `field`, as `edit` wrote it, is now stored as it was written. A later sound save of
  // the same field makes good what an earlier one had lost.
  void settle(const Edit& edit, Path path, std::size_t field, bool is_lost);

  nlohmann::json to_json() const;

 private:
  struct Loss {
    std::int64_t started_ms = 0;
    std::string practitioner;
    bool is_synthetic = false;
    Path path = Path::old_editor;
  };
  struct Saves {
    std::int64_t of_real = 0, of_synthetic = 0;
  };
  nlohmann::json losses(bool is_synthetic) const;

  std::array<std::int64_t, 5> evaluations_{};
  std::array<std::int64_t, 2> gated_{};  // held, did not
  std::array<Saves, 2> saves_;           // by path
  std::set<std::string> real_practitioners_on_new_;
  std::map<std::pair<VisitId, std::size_t>, Loss> lost_;
};

}  // namespace demo::notes
