#include "guard/loop_watch.h"

#include <algorithm>
#include <cassert>

namespace readback::guard {

boost::asio::awaitable<void> LoopWatch::watch() {
  last_turn_ = clock_.now();
  for (;;) {
    co_await clock_.sleep_until(last_turn_ + kTurn);
    const TimePoint now = clock_.now();
    note({last_turn_, now});
    last_turn_ = now;
  }
}

void LoopWatch::note(Gap gap) {
  if (gap.end - gap.begin < kNoticed) return;
  if (gaps_.size() == kGapsKept) {
    const Gap oldest = gaps_.front();
    gaps_.pop_front();
    forgotten_until_ = oldest.end;
    worst_forgotten_ = std::max(worst_forgotten_, oldest.end - oldest.begin);
  }
  gaps_.push_back(gap);
}

Duration LoopWatch::worst_lateness(TimePoint from, TimePoint to) const {
  assert(from <= to);
  Duration worst = from < forgotten_until_ ? worst_forgotten_ : Duration{};
  const auto regard = [&](Gap gap) {
    if (gap.begin <= to && gap.end >= from) worst = std::max(worst, gap.end - gap.begin);
  };
  // From the newest, since what is asked about has just happened.
  for (auto gap = gaps_.rbegin(); gap != gaps_.rend() && gap->end >= from; ++gap) regard(*gap);
  // Who asks may run in the very turn that is late, before watch() does.
  const Gap open{last_turn_, clock_.now()};
  if (open.end - open.begin >= kNoticed) regard(open);
  return worst;
}

}  // namespace readback::guard
