// The half of the rollout that outlives the process: what of a state is written down, and what a
// restart makes of it.
#include <algorithm>
#include <cassert>
#include <utility>

#include "guard/rollout.h"

namespace readback::guard {
namespace {

// How long from now on a stamp of an earlier process may hold: it may have served under another M
// than this config's, and an M before that.
std::chrono::milliseconds longest_age(const Terms& terms, const nlohmann::json& last,
                                      flags::Moment now) {
  using std::chrono::milliseconds;
  if (!last.is_object()) return terms.rollout.max_evidence_age;
  const milliseconds before(last.value("max_evidence_age_ms", std::int64_t{0}));
  const milliseconds until(last.value("held_until_ms", std::int64_t{0}));
  return std::max({terms.rollout.max_evidence_age, before, until - now.wall});
}

// What clients may still hold of an earlier process: it served until now at the latest, and what is
// latched until it was.
std::chrono::milliseconds held_before(const State& state, std::chrono::milliseconds longest_age,
                                      flags::Moment now) {
  if (state.latch.is_latched && state.latch.is_readable)
    return flags::round_stamp(state.latch.when + state.latch.max_evidence_age);
  if (state.phase == Phase::waiting) return {};
  return flags::round_stamp(now.wall + longest_age);
}

// Whether the last entry knows of a revert that the latch file, which came first, has not.
bool is_reverted_by(const nlohmann::json& last, const Latch& latch) {
  if (!last.is_object()) return false;
  return last.value("phase", "") == "latched" ||
         last.value("generation", std::uint64_t{0}) > latch.generation;
}

}  // namespace

nlohmann::json durable(const State& state) {
  nlohmann::json json{{"phase", to_string(state.phase)},
                      {"step", state.step},
                      {"share_ppm", state.terms.rollout.steps.at(state.step).share.ppm},
                      {"build", state.terms.build},
                      {"max_evidence_age_ms", state.terms.rollout.max_evidence_age.count()},
                      {"held_until_ms", state.held_until.count()},
                      {"harm", state.harm.durable()},
                      {"generation", state.latch.generation}};
  if (state.pause)
    json["pause"] = {{"by", state.pause->by},
                     {"at_ms", state.pause->at.count()},
                     {"reason", state.pause->reason}};
  return json;
}

void History::take(const Entry& entry, flags::Moment now) {
  if (!entry.state.is_object()) return;
  if (entry.state.contains("phase")) last_ = entry.state;
  const auto evidence = entry.state.find("evidence");
  if (evidence == entry.state.end()) return;
  if (!harm_) harm_ = Harm::before(*evidence);
  if (!harm_->fold(*evidence, now)) ++unread_;
  const nlohmann::json mark = evidence->value("mark", nlohmann::json());
  if (mark.is_object() && mark.value("forgets", false))
    rearmed_ = flags::Moment{now.boot - (now.wall - entry.at), entry.at};
}

State restore(Terms terms, const Latch& latch, const History& history, flags::Moment now) {
  assert(!terms.rollout.steps.empty());
  const nlohmann::json& last = history.last();
  State state(history.harm() ? *history.harm() : Harm(terms.evidence));
  state.terms = std::move(terms);
  state.latch = latch;
  state.step_began = now;
  // What an earlier process wrote may convict, and renews no lease.
  state.progress.forget_proof(now);
  state.harm_since = history.rearmed().value_or(flags::Moment{});
  if (history.harm()) state.harm.forget_step();
  if (history.unread() > 0)
    state.harm.begin_budget(state.terms.evidence, "some evidence of the last one cannot be read",
                            false);
  if (state.harm.rule().options != state.terms.evidence)
    state.harm.begin_budget(state.terms.evidence, "another rule of evidence was configured", false);
  if (last.is_object()) {
    const std::string phase = last.value("phase", "waiting");
    // While it was being proven the latch was set, and a set latch wins below.
    if (phase == "rolling" || phase == "proving") state.phase = Phase::rolling;
    if (phase == "finished") state.phase = Phase::finished;
    // By share and not by number: the steps may have been edited while the guard was down.
    const flags::Share share{last.value("share_ppm", 0u)};
    const auto& steps = state.terms.rollout.steps;
    while (state.step + 1 < steps.size() && steps[state.step + 1].share <= share) ++state.step;
    if (last.contains("pause"))
      state.pause = Pause{last["pause"].value("by", ""),
                          WallTime(last["pause"].value("at_ms", std::int64_t{0})),
                          last["pause"].value("reason", "")};
  }
  if (!latch.is_latched && is_reverted_by(last, latch)) {
    // The slot was lost, or never written: an old backup, a disk that failed. It is written again.
    state.latch.is_latched = true;
    // As the slot will have it, so that a re-arm clears the generation that is there.
    state.latch.generation =
        std::max(last.value("generation", std::uint64_t{0}), latch.generation + 1);
    state.latch.when = now.wall;
    state.latch.who = "guard";
    state.latch.cause = "recovered";
    state.latch.reason = "the ledger says that it was reverted, the latch file does not";
    state.latch.build = last.value("build", "");
    state.latch.max_evidence_age = longest_age(state.terms, last, now);
    state.is_latch_durable = false;
  }
  if (state.latch.is_latched) {
    // A revert that the ledger had not heard of ended the pause that it knows.
    if (last.is_object() && state.latch.generation > last.value("generation", std::uint64_t{0}))
      state.pause.reset();
    state.harm_since = now;
    state.phase = Phase::latched;
    state.step = 0;
    state.harm.set_aside();
  }
  state.held_until = held_before(state, longest_age(state.terms, last, now), now);
  return state;
}

}  // namespace readback::guard
