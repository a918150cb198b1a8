#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "configs/demo/notes_service/note.h"

// A cache that lags behind the storage: for so long after a write, reads are served what stood
// there before it. Empty unless the fault stale-cache is on. It forgets at restart, as caches do.

namespace demo::notes {

class StaleCache {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Entry {
    Note note;
    std::int64_t revision = 0;
  };

  // Readers of `visit`, a visit of `practitioner`, see `before` until then.
  void hold(VisitId visit, const std::string& practitioner, Entry before, TimePoint until);
  // What readers see instead of the storage, or null. Valid until the next call.
  const Entry* find(VisitId visit, TimePoint now);
  // Those visits of the practitioner for which find() would return an entry.
  std::vector<VisitId> held(const std::string& practitioner, TimePoint now);

 private:
  struct Held {
    Entry before;
    TimePoint until;
  };
  struct Line {
    std::string practitioner;
    std::deque<Held> writes;  // oldest first: readers see what stood before the oldest live one
  };
  std::map<VisitId, Line> lines_;
};

}  // namespace demo::notes
