#include "configs/demo/notes_service/counters.h"

#include <nlohmann/json.hpp>

namespace demo::notes {
using nlohmann::json;

void Counters::acknowledged(const Edit& edit, Path path) {
  Saves& saves = saves_[static_cast<std::size_t>(path)];
  ++(edit.is_synthetic ? saves.of_synthetic : saves.of_real);
  if (path == Path::new_editor && !edit.is_synthetic)
    real_practitioners_on_new_.insert(edit.practitioner);
}

void Counters::settle(const Edit& edit, Path path, std::size_t field, bool is_lost) {
  const auto note = std::pair(edit.visit, field);
  if (!is_lost)
    lost_.erase(note);
  else
    lost_[note] = {edit.started_ms, edit.practitioner, edit.is_synthetic, path};
}

json Counters::losses(bool is_synthetic) const {
  const std::pair<const std::pair<VisitId, std::size_t>, Loss>* first = nullptr;
  std::int64_t notes = 0, last_ms = 0;
  std::array<std::int64_t, 2> by_path{};
  std::set<std::string> practitioners;
  for (const auto& entry : lost_) {
    const Loss& loss = entry.second;
    if (loss.is_synthetic != is_synthetic) continue;
    ++notes;
    ++by_path[static_cast<std::size_t>(loss.path)];
    practitioners.insert(loss.practitioner);
    last_ms = std::max(last_ms, loss.started_ms);
    if (first == nullptr || loss.started_ms < first->second.started_ms) first = &entry;
  }
  json losses{{"notes", notes},
              {"by_path", {{"old", by_path[0]}, {"new", by_path[1]}}},
              {"practitioners", practitioners.size()},
              {"first", nullptr},
              {"last_ms", notes == 0 ? json(nullptr) : json(last_ms)}};
  if (first != nullptr)
    losses["first"] = {{"started_ms", first->second.started_ms},
                       {"practitioner", first->second.practitioner},
                       {"visit", "v" + std::to_string(first->first.first)},
                       {"field", kFieldNames[first->first.second]},
                       {"path", to_string(first->second.path)}};
  return losses;
}

json Counters::to_json() const {
  const auto saves = [](const Saves& one) {
    return json{{"real", one.of_real}, {"synthetic", one.of_synthetic}};
  };
  return {{"saves", {{"old", saves(saves_[0])}, {"new", saves(saves_[1])}}},
          {"real_practitioners_on_new_path", real_practitioners_on_new_.size()},
          {"evaluations",
           {{"new", evaluations_[0]},
            {"old", evaluations_[1]},
            {"timed_out", evaluations_[2]},
            {"unreachable", evaluations_[3]},
            {"unusable", evaluations_[4]}}},
          {"gate", {{"new", gated_[0]}, {"old", gated_[1]}}},
          {"lost", {{"real", losses(false)}, {"synthetic", losses(true)}}}};
}

}  // namespace demo::notes
