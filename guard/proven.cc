#include "guard/proven.h"

#include <algorithm>

namespace readback::guard {

using probes::Outcome;

void Proven::note(const Terms& terms, const probes::Observation& observation,
                  WallTime write_began) {
  if (observation.arm != probes::Arm::treatment || observation.is_void) return;
  const probes::Cell& cell = observation.cell;
  const Write write{write_began, observation.block, observation.member, cell};
  if (observation.outcome == Outcome::fail) {
    passed_.erase(write);
    lost_since_ = std::min(lost_since_.value_or(write_began), write_began);
  }
  if (observation.outcome != Outcome::ok) return;
  const auto stream =
      std::find_if(terms.streams.begin(), terms.streams.end(), [&](const guard::Stream& each) {
        return each.journey == cell.journey && each.field == cell.field;
      });
  if (stream == terms.streams.end()) return;
  std::set<probes::ReadPoint>& passed = passed_[write];
  passed.insert(observation.read);
  const bool is_whole =
      std::all_of(stream->reads.begin(), stream->reads.end(),
                  [&](const probes::ReadPoint& read) { return passed.contains(read); });
  if (is_whole) {
    WallTime& latest = latest_.try_emplace(cell, write_began).first->second;
    latest = std::max(latest, write_began);
    passed_.erase(write);
  }
  if (passed_.size() > kWrites) passed_.erase(passed_.begin());
}

std::optional<WallTime> Proven::until(const Terms& terms) const {
  std::optional<WallTime> oldest;
  for (const guard::Stream& stream : terms.streams) {
    if (!stream.is_required) continue;
    for (const std::string& payload_class : terms.payload_classes) {
      const auto latest = latest_.find({stream.journey, stream.field, payload_class});
      if (latest == latest_.end()) return std::nullopt;
      oldest = std::min(oldest.value_or(latest->second), latest->second);
    }
  }
  if (oldest && lost_since_) oldest = std::min(*oldest, *lost_since_);
  return oldest;
}

}  // namespace readback::guard
