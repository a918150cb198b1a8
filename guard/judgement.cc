#include <algorithm>
#include <utility>

#include "guard/rollout.h"

// What a state amounts to: each narrowing is one function, and the list of them is the order.

namespace readback::guard {
namespace {

using Mode = flags::Exposure::Mode;

struct Narrowing {
  Verdict verdict;
  std::string reason;
  bool is_safe = true;  // the safe variant at once; false: only no more than now
};
using Narrow = std::optional<Narrowing> (*)(const State&, flags::Moment now);

std::optional<Narrowing> by_latch(const State& state, flags::Moment) {
  if (state.phase != Phase::latched && state.phase != Phase::proving) return std::nullopt;
  if (!state.latch.is_readable)
    return Narrowing{Verdict::revert, "the latch cannot be read, so it counts as set"};
  return Narrowing{Verdict::revert, "reverted by " + state.latch.who + " (" + state.latch.cause +
                                        "): " + state.latch.reason};
}

std::optional<Narrowing> by_harm(const State& state, flags::Moment) {
  const Ruling ruling = state.harm.ruling();
  if (ruling.verdict == Verdict::advance) return std::nullopt;
  // A finished flag is in everybody's hands; its probes alarm, and a person decides.
  const bool only_holds = state.phase == Phase::finished || ruling.verdict == Verdict::hold;
  return Narrowing{only_holds ? Verdict::hold : ruling.verdict, state.harm.words(), !only_holds};
}

std::optional<Narrowing> by_start(const State& state, flags::Moment) {
  if (state.phase != Phase::waiting) return std::nullopt;
  return Narrowing{Verdict::hold, "not started"};
}

std::optional<Narrowing> by_lease(const State& state, flags::Moment now) {
  if (state.phase == Phase::finished) return std::nullopt;
  const auto began = state.progress.evidence_began(state.terms);
  if (!began) return Narrowing{Verdict::pause, "no evidence yet for some required field"};
  const flags::Lease lease{*began, state.terms.rollout.max_evidence_age};
  if (!lease.holds(now)) return Narrowing{Verdict::pause, "the newest evidence is too old"};
  return std::nullopt;
}

std::optional<Narrowing> by_health(const State& state, flags::Moment) {
  if (!state.is_latch_durable)
    return Narrowing{Verdict::pause, "the latch could not be written; it is tried again"};
  // Finished flags need neither evidence nor a record of who is exposed: everybody is.
  if (!state.is_store_well && state.phase != Phase::finished)
    return Narrowing{Verdict::pause, "the store does not work"};
  return std::nullopt;
}

std::optional<Narrowing> by_operator(const State& state, flags::Moment) {
  if (!state.pause) return std::nullopt;
  return Narrowing{Verdict::pause, "paused by " + state.pause->by + ": " + state.pause->reason};
}

std::optional<Narrowing> by_evidence(const State& state, flags::Moment now) {
  if (state.phase != Phase::rolling) return Narrowing{Verdict::hold, "", false};
  if (state.step + 1 >= state.terms.rollout.steps.size())
    return Narrowing{Verdict::hold, "at the last step", false};
  if (!has_step_evidence(state, now))
    return Narrowing{Verdict::hold, missing_evidence(state, now), false};
  return std::nullopt;
}

// The operator's revert is the latch: it sets it before anything else is asked.
constexpr Narrow kOrder[] = {by_latch,  by_harm,     by_start,   by_lease,
                             by_health, by_operator, by_evidence};

flags::Exposure widest(const State& state) {
  flags::Exposure exposure;
  exposure.step = state.step;
  exposure.share = state.terms.rollout.steps.at(state.step).share;
  exposure.mode = state.phase == Phase::finished ? Mode::finished : Mode::leased;
  if (const auto began = state.progress.evidence_began(state.terms))
    exposure.lease = {*began, state.terms.rollout.max_evidence_age};
  return exposure;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  constexpr std::string_view kNames[] = {"advance", "hold", "pause", "revert"};
  return kNames[static_cast<std::size_t>(verdict)];
}

std::string_view to_string(Phase phase) {
  constexpr std::string_view kNames[] = {"waiting", "rolling", "finished", "latched", "proving"};
  return kNames[static_cast<std::size_t>(phase)];
}

Judgement judge(const State& state, flags::Moment now) {
  Judgement judgement;
  judgement.verdict = Verdict::advance;
  judgement.exposure = widest(state);
  for (const Narrow narrow : kOrder) {
    std::optional<Narrowing> found = narrow(state, now);
    if (!found) continue;
    judgement.verdict = std::max(judgement.verdict, found->verdict);
    if (found->is_safe) judgement.exposure.mode = Mode::safe;
    if (!found->reason.empty()) judgement.reasons.push_back(std::move(found->reason));
  }
  return judgement;
}

bool probes_treatment(const State& state) {
  return state.phase != Phase::latched;
}

bool has_step_evidence(const State& state, flags::Moment now) {
  return missing_evidence(state, now).empty();
}

std::string missing_evidence(const State& state, flags::Moment now) {
  // A proof of a re-arm asks for the first step's evidence.
  const flags::Step& step = state.terms.rollout.steps.at(state.step);
  const unsigned complete = state.progress.fewest_complete(state.terms);
  if (complete < step.minimum_evidence)
    return std::to_string(complete) + " of " + std::to_string(step.minimum_evidence) +
           " proven writes of this step";
  if (state.harm.finding() != Finding::none || !state.harm.is_clear()) return state.harm.words();
  if (std::string missing = state.harm.step().missing(state.terms); !missing.empty())
    return missing;
  if (state.phase == Phase::proving) return "";
  // Both clocks must agree that the time is over; neither may shorten it.
  const std::chrono::nanoseconds here = std::min<std::chrono::nanoseconds>(
      now.boot - state.step_began.boot, now.wall - state.step_began.wall);
  if (here < step.minimum_time)
    return std::to_string(
               std::chrono::ceil<std::chrono::seconds>(step.minimum_time - here).count()) +
           " s more in this step";
  return "";
}

}  // namespace readback::guard
