#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <variant>

#include "tests/simulation/invariants.h"

namespace readback::simulation {
namespace {

using guard::Phase;
using probes::Outcome;

class StepHasEvidence final : public Onlooker {
 public:
  explicit StepHasEvidence(const House& house) : house_(house) {}

  void restored(const guard::State& state, const nlohmann::json& last, flags::Moment now) override {
    if (state.step > (last.is_object() ? last.value("step", 0u) : 0))
      breaks("a restart took a step");
    const std::string phase = last.is_object() ? last.value("phase", "") : "waiting";
    if (state.phase == Phase::rolling && phase == "waiting")
      breaks("a restart started the rollout");
    begin(now);
  }

  void stepped(const Stepped& stepped) override {
    const guard::State& state = stepped.state;
    const flags::Moment now = stepped.event.now;
    if (state.step > stepped.step_before) check(state, stepped.step_before, now);
    const bool is_proven = stepped.phase_before == Phase::proving && state.phase == Phase::rolling;
    if (is_proven && fewest(state) < state.terms.rollout.steps[0].minimum_evidence)
      breaks("it was re-armed without its evidence");
    const bool is_another_phase = state.phase != stepped.phase_before;
    if (state.step != stepped.step_before || is_another_phase) begin(now);
    std::visit([&](const auto& happening) { take(happening, now); }, stepped.event.happening);
  }

 private:
  using Point = std::tuple<std::string, probes::ReadPoint>;
  struct Block {
    std::string journey;
    unsigned members = 0;
    std::map<Point, unsigned> oks;
  };

  void begin(flags::Moment now) {
    since_ = now;
    blocks_.clear();
  }

  void take(const guard::BlockOpened& opened, flags::Moment) {
    if (opened.began.boot > since_.boot)
      blocks_[opened.block] = {opened.journey, opened.members, {}};
  }
  void take(const guard::Observed& observed, flags::Moment) {
    const probes::Observation& seen = observed.observation;
    const auto block = blocks_.find(seen.block);
    if (block == blocks_.end() || seen.is_void || seen.outcome != Outcome::ok) return;
    ++block->second.oks[{seen.cell.field, seen.read}];
  }
  void take(const guard::ClockJumped&, flags::Moment now) { begin(now); }
  template <class Other>
  void take(const Other&, flags::Moment) {}

  unsigned fewest(const guard::State& state) const {
    unsigned fewest = 1'000'000;
    for (const guard::Stream& stream : state.terms.streams)
      if (stream.is_required) fewest = std::min(fewest, complete(stream));
    return fewest;
  }
  unsigned complete(const guard::Stream& stream) const {
    unsigned count = 0;
    for (const auto& [number, block] : blocks_) {
      const auto is_complete = [&](const probes::ReadPoint& read) {
        const auto found = block.oks.find({stream.field, read});
        return found != block.oks.end() && found->second >= block.members;
      };
      if (block.journey == stream.journey &&
          std::all_of(stream.reads.begin(), stream.reads.end(), is_complete))
        ++count;
    }
    return count;
  }

  void check(const guard::State& state, unsigned before, flags::Moment now) {
    const flags::Step& step = state.terms.rollout.steps.at(before);
    if (state.step > before + 1) breaks("two steps were taken at once");
    const std::chrono::nanoseconds here =
        std::min<std::chrono::nanoseconds>(now.boot - since_.boot, now.wall - since_.wall);
    if (here < step.minimum_time) breaks("a step was taken before its time");
    if (fewest(state) < step.minimum_evidence) breaks("a step was taken without its evidence");
  }

  const House& house_;
  flags::Moment since_;
  std::map<std::uint64_t, Block> blocks_;
};

}  // namespace

Invariant a_step_has_its_evidence(const House& house) {
  return std::make_unique<StepHasEvidence>(house);
}

}  // namespace readback::simulation
