#include "guard/next_command.h"

#include <optional>

namespace readback::guard {
namespace {

using Urgency = NextCommand::Urgency;
using Advice = std::optional<NextCommand>;

std::string watch(const FlagView& view) {
  return "guard status " + view.guarded.flag.key;
}

std::string look_closer(const FlagView& view) {
  return "guard probe run " + view.guarded.plan_path + " --once";
}

std::string roll_back(const FlagView& view) {
  return "guard rollback " + view.guarded.flag.key + " --reason TEXT";
}

Advice of_latch(const FlagView& view) {
  const State& state = view.state;
  const std::string& flag = view.guarded.flag.key;
  if (state.phase == Phase::proving)
    return NextCommand{Urgency::none, watch(view), "the re-arm is being proven"};
  if (state.phase != Phase::latched) return std::nullopt;
  if (!state.is_latch_durable)
    return NextCommand{Urgency::now, roll_back(view),
                       "the revert is served but not on disk; run it until it is"};
  const std::string rearm = "guard rearm " + flag + " --by NAME --reason TEXT";
  if (!state.latch.is_readable)
    return NextCommand{Urgency::soon, rearm,
                       "its slot is damaged and counts as latched; re-arm once you know why"};
  if (state.latch.build == view.guarded.flag.build)
    return NextCommand{Urgency::soon, "guard exposures " + flag,
                       "find whose notes to check; then deploy a repaired build and re-arm"};
  return NextCommand{Urgency::soon, rearm, "another build than the reverted one is deployed"};
}

Advice of_harm(const FlagView& view) {
  const Harm& harm = view.state.harm;
  if (view.state.phase == Phase::finished && harm.finding() != Finding::none)
    return NextCommand{Urgency::now, roll_back(view),
                       "a finished flag reverts only by a person, and notes are being lost"};
  if (harm.finding() == Finding::platform)
    return NextCommand{Urgency::now, look_closer(view),
                       "notes are lost with the flag on and off: repair the application"};
  if (harm.finding() == Finding::not_ok)
    return NextCommand{Urgency::now, look_closer(view),
                       "treatment's probes are answered worse than control's: see its path"};
  if (harm.finding() != Finding::none)
    return NextCommand{Urgency::soon, watch(view), "repeats decide within some rounds"};
  if (!harm.ill_controls().empty())
    return NextCommand{Urgency::now, look_closer(view),
                       "notes are lost with the flag off: do not revert, repair the safe path"};
  return std::nullopt;
}

Advice of_health(const FlagView& view) {
  if (view.state.is_store_well) return std::nullopt;
  return NextCommand{Urgency::now, "guard audit verify",
                     "the store does not work: repair the disk; if it stays, restart the guard"};
}

Advice of_operator(const FlagView& view) {
  const State& state = view.state;
  const std::string& flag = view.guarded.flag.key;
  if (state.pause)
    return NextCommand{Urgency::none, "guard resume " + flag + " --by NAME",
                       "when what it was paused for is over"};
  if (state.phase == Phase::waiting)
    return NextCommand{Urgency::none, "guard start " + flag + " --by NAME", "nobody is exposed"};
  if (state.phase == Phase::finished)
    return NextCommand{Urgency::none, watch(view), "remove the flag from the code"};
  return std::nullopt;
}

Advice of_lease(const FlagView& view, flags::Moment now) {
  if (judge(view.state, now).exposure.mode != flags::Exposure::Mode::safe) return std::nullopt;
  return NextCommand{Urgency::soon, look_closer(view),
                     "the probes bring no evidence, so nobody gets treatment"};
}

NextCommand of_rollout(const FlagView& view, flags::Moment now) {
  const State& state = view.state;
  const flags::Rollout& rollout = state.terms.rollout;
  const bool is_last = state.step + 1 == rollout.steps.size();
  const bool has_baked = now.boot - state.step_began.boot >= rollout.bake;
  if (is_last && has_baked && rollout.steps.back().share == flags::kEverybody)
    return {Urgency::none, "guard finish " + view.guarded.flag.key + " --by NAME",
            "it has baked at 100 %"};
  if (view.is_exposure_record_full)
    return {Urgency::soon, "guard exposures " + view.guarded.flag.key,
            "the exposure record is full: nobody new is exposed until exposures.at_most grows"};
  return {Urgency::none, watch(view), "nothing to do: it advances by itself"};
}

}  // namespace

NextCommand next_command(const FlagView& view, flags::Moment now) {
  // In the order of the decision: what withholds treatment most is what a person must see to.
  if (const Advice advice = of_latch(view)) return *advice;
  if (const Advice advice = of_harm(view)) return *advice;
  if (const Advice advice = of_health(view)) return *advice;
  if (const Advice advice = of_operator(view)) return *advice;
  if (const Advice advice = of_lease(view, now)) return *advice;
  return of_rollout(view, now);
}

}  // namespace readback::guard
