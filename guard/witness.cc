#include "guard/witness.h"

#include <algorithm>

namespace readback::guard {

std::optional<VoidReason> Testimony::why_void() const {
  if (!is_complete) return VoidReason::forgotten;
  if (evaluations == 0) return VoidReason::not_asked;
  if (other_variant > 0) return VoidReason::other_variant;
  if (not_whole > 0) return VoidReason::not_whole;
  if (late > 0) return VoidReason::answered_late;
  return std::nullopt;
}

Witness::Ticket Witness::asked(const std::string& flag, const std::string& practitioner,
                               const std::string& variant, TimePoint at) {
  const Key key(flag, practitioner);
  if (!pairs_.contains(key) && pairs_.size() >= kPairs) forget_one_pair();
  Pair& pair = pairs_[key];
  if (pair.seen.size() >= kEvaluations) {
    pair.forgotten_until = pair.seen.front().asked_at;
    pair.seen.pop_front();
  }
  Seen seen;
  seen.ticket = next_ticket_++;
  seen.variant = variant;
  seen.asked_at = at;
  pair.seen.push_back(std::move(seen));
  return pair.seen.back().ticket;
}

void Witness::answered(const std::string& flag, const std::string& practitioner, Ticket ticket,
                       TimePoint at, bool is_whole) {
  const auto pair = pairs_.find(Key(flag, practitioner));
  if (pair == pairs_.end()) return;
  for (Seen& seen : pair->second.seen) {
    if (seen.ticket != ticket) continue;
    seen.answered_at = at;
    seen.is_whole = is_whole;
  }
}

Testimony Witness::judge(const std::string& flag, const std::string& practitioner,
                         const std::string& expected_variant, TimePoint from, TimePoint to,
                         Duration answer_within) const {
  Testimony testimony;
  testimony.is_complete = !forgotten_until_.has_value() || *forgotten_until_ < from;
  const auto pair = pairs_.find(Key(flag, practitioner));
  if (pair == pairs_.end()) return testimony;
  const auto& forgotten = pair->second.forgotten_until;
  if (forgotten.has_value() && *forgotten >= from) testimony.is_complete = false;
  for (const Seen& seen : pair->second.seen) {
    if (seen.asked_at < from || seen.asked_at > to) continue;
    ++testimony.evaluations;
    const bool is_whole = seen.answered_at.has_value() && seen.is_whole;
    testimony.other_variant += seen.variant != expected_variant;
    testimony.not_whole += !is_whole;
    testimony.late += is_whole && *seen.answered_at - seen.asked_at > answer_within;
  }
  return testimony;
}

void Witness::forget_one_pair() {
  // Rare, and never within a plan's own size: the scan may cost what it does.
  const auto oldest = std::min_element(pairs_.begin(), pairs_.end(), [](auto& a, auto& b) {
    return a.second.seen.back().asked_at < b.second.seen.back().asked_at;
  });
  const TimePoint last = oldest->second.seen.back().asked_at;
  forgotten_until_ = std::max(last, forgotten_until_.value_or(last));
  pairs_.erase(oldest);
}

}  // namespace readback::guard
