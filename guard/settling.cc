#include "guard/settling.h"

#include <algorithm>

namespace readback::guard {
using probes::Outcome;

namespace {

constexpr Duration kFirstPause = std::chrono::milliseconds(50);
constexpr Duration kLongestPause = std::chrono::seconds(30);

}  // namespace

Settling::Settling(const probes::Plan& plan, const probes::ReadBack& read_back, TimePoint due)
    : plan_(plan),
      deadline_(due + read_back.deadline),
      end_(due + kNeverReadAfter),
      next_(due),
      pause_(kFirstPause) {
  for (const probes::WrittenField& field : read_back.fields) mismatches_[field.field] = 0;
}

std::vector<Settling::Settled> Settling::take(const std::vector<probes::FieldReading>& readings,
                                              TimePoint begun, TimePoint now) {
  std::vector<Settled> settled;
  bool is_confirming = false;
  for (const probes::FieldReading& reading : readings) {
    const auto found = mismatches_.find(reading.field);
    if (found == mismatches_.end()) continue;
    if (reading.outcome == Outcome::fail && begun >= deadline_) {
      is_confirming = true;
      if (++found->second <= plan_.confirm.reads) continue;
    } else if (reading.outcome != Outcome::ok && !reading.is_final) {
      continue;
    }
    settled.push_back({reading.field, reading.outcome, reading.loss_class});
    mismatches_.erase(found);
  }
  if (is_confirming) {
    next_ = now + plan_.confirm.within / std::max(1u, plan_.confirm.reads);
    return settled;
  }
  next_ = now + pause_;
  // The last read before the verdict is at the deadline, not a pause after it.
  if (now < deadline_) next_ = std::min(next_, deadline_);
  pause_ = std::min<Duration>(2 * pause_, kLongestPause);
  return settled;
}

std::vector<Settling::Settled> Settling::give_up() {
  std::vector<Settled> settled;
  for (const auto& [field, count] : mismatches_) settled.push_back({field, {}, {}});
  for (Settled& each : settled) {
    each.outcome = Outcome::info;
    each.loss_class = probes::LossClass::indeterminate;
  }
  mismatches_.clear();
  return settled;
}

}  // namespace readback::guard
