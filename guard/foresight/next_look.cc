#include "guard/foresight/next_look.h"

#include <algorithm>

namespace readback::guard::foresight {
namespace {

constexpr Duration kTick = std::chrono::seconds(1);

// Between two blocks of one journey, at least.
Duration shortest_gap(const probes::Plan& plan) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(plan.interval) *
                                              (1 - plan.jitter));
}

Duration times(Duration gap, std::uint64_t count) {
  constexpr Duration kLongest = std::chrono::hours(24 * 365);
  if (gap.count() > 0 && count > static_cast<std::uint64_t>(kLongest / gap)) return kLongest;
  return gap * static_cast<std::int64_t>(count);
}

// A cell has its turn, and is probed beside every block while it is watched.
Duration until_cleared(const State& state, const Setting& setting) {
  const EvidenceOptions& options = state.terms.evidence;
  const std::uint64_t rate = setting.plan.journeys.size() + 1;
  std::uint64_t fewest = options.oks_to_clear;
  const auto look = [&](const Suspicions::Cells& cells, std::uint64_t writes) {
    for (const auto& [cell, suspicion] : cells)
      fewest = std::min(fewest, (options.oks_to_clear - suspicion.oks_in_a_row) / writes);
  };
  look(state.harm.suspicions().suspects(), 1);
  look(state.harm.suspicions().ill_controls(), setting.plan.controls);
  return times(shortest_gap(setting.plan), fewest / rate);
}

Duration until_horizon(const State& state, const Setting& setting) {
  const LossStream* const all = state.harm.treatment().find(StreamGroup::all, "all");
  const std::uint64_t seen = all == nullptr ? 0 : all->counts().probes();
  const std::uint64_t horizon = state.terms.evidence.horizon_probes;
  std::uint64_t a_gap = 0;  // probes of treatment in a gap, one more block beside each
  for (const WalkTimes& walk : setting.walks)
    for (const ReadTimes& read : walk.reads) a_gap += 2 * read.fields.size();
  return times(shortest_gap(setting.plan), horizon > seen ? (horizon - seen) / a_gap : 0);
}

Duration until_step_ends(const State& state, const Setting& setting, flags::Moment now) {
  const flags::Step& step = state.terms.rollout.steps.at(state.step);
  const Duration here =
      std::min<Duration>(now.boot - state.step_began.boot, now.wall - state.step_began.wall);
  const unsigned complete = state.progress.fewest_complete(state.terms);
  const std::uint64_t blocks = std::max<std::uint64_t>(
      complete < step.minimum_evidence ? step.minimum_evidence - complete : 0,
      state.harm.step().blocks_missing(state.terms));
  return std::max<Duration>(step.minimum_time - here, times(shortest_gap(setting.plan), blocks));
}

}  // namespace

Duration until_oks_matter(const State& state, const Setting& setting, flags::Moment now) {
  if (judge(state, now).exposure.mode != flags::Exposure::Mode::leased) return kTick;
  Duration least = until_horizon(state, setting);
  if (!state.harm.is_clear())
    least = std::min(least, until_cleared(state, setting));
  else if (state.step + 1 < state.terms.rollout.steps.size())
    least = std::min(least, until_step_ends(state, setting, now));
  return std::max(kTick, least);
}

}  // namespace readback::guard::foresight
