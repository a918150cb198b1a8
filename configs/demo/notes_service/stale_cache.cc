#include "configs/demo/notes_service/stale_cache.h"

#include <utility>

namespace demo::notes {

void StaleCache::hold(VisitId visit, const std::string& practitioner, Entry before,
                      TimePoint until) {
  Line& line = lines_[visit];
  line.practitioner = practitioner;
  line.writes.push_back({std::move(before), until});
}

const StaleCache::Entry* StaleCache::find(VisitId visit, TimePoint now) {
  const auto found = lines_.find(visit);
  if (found == lines_.end()) return nullptr;
  auto& writes = found->second.writes;
  while (!writes.empty() && writes.front().until <= now) writes.pop_front();
  if (!writes.empty()) return &writes.front().before;
  lines_.erase(found);
  return nullptr;
}

std::vector<VisitId> StaleCache::held(const std::string& practitioner, TimePoint now) {
  std::vector<VisitId> visits;
  for (const auto& [visit, line] : lines_)
    if (line.practitioner == practitioner && line.writes.back().until > now)
      visits.push_back(visit);
  return visits;
}

}  // namespace demo::notes
