#include "guard/server/seats.h"

#include <algorithm>
#include <utility>

namespace readback::guard::server {

Seats::Seat::Seat(Seats& seats, std::function<void()> close)
    : seats_(seats), entry_(seats.entries_.insert(seats.entries_.end(), Entry{std::move(close)})) {}

void Seats::Seat::set_busy(bool is_busy) {
  entry_->is_busy = is_busy;
  if (!is_busy) seats_.entries_.splice(seats_.entries_.end(), seats_.entries_, entry_);
}

std::size_t Seats::taken() const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(),
                    [](const Seat::Entry& entry) { return !entry.is_leaving; }));
}

bool Seats::make_room() {
  if (taken() < capacity_) return true;
  for (const bool is_known : {false, true}) {
    const auto victim = std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) {
      return !entry.is_leaving && !entry.is_busy && entry.is_known == is_known;
    });
    if (victim == entries_.end()) continue;
    victim->is_leaving = true;
    ++evicted_;
    victim->close();
    return true;
  }
  return false;
}

}  // namespace readback::guard::server
