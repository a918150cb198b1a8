#include "guard/rollout.h"

#include <algorithm>
#include <utility>

#include "guard/evidence/gather.h"
#include "guard/evidence/harm_seen.h"
#include "guard/rollout_command.h"

namespace readback::guard {
namespace {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;  // clang 14 does not deduce it by itself.

// A full disk's every attempt costs a write; an operator who made room waits so long.
constexpr std::chrono::seconds kTryStoreEvery{5};

bool is_by_evidence(const Widening& widening) {
  return widening.kind == Widening::Kind::advance || widening.kind == Widening::Kind::rearm;
}

class Step {
 public:
  Step(State& state, flags::Moment now) : state_(state), now_(now) {}

  void take(const Happening& happening) {
    // Its stamps move with the clock, so what was served up to this event is newer than the last.
    if (state_.phase == Phase::finished) note_stamp(judge(state_, now_).exposure);
    std::visit(Overloaded{
                   [this](const BlockOpened& opened) { state_.progress.open(opened); },
                   [this](const BlockResumed& resumed) { resume(resumed); },
                   [this](const Observed& observed) { observe({observed}); },
                   [this](const ObservedTogether& together) { observe(together.all); },
                   [this](const FoundOk& found) { observe(found); },
                   [this](const Ticked&) { tick(); },
                   [this](const Commanded& commanded) {
                     obey(state_, commanded.command, now_, decision_);
                   },
                   [this](const Configured& configured) { configure(configured.terms); },
                   [this](const Written& written) { widen(written.write); },
                   [this](const WriteFailed& failed) { fail(failed); },
                   [this](const StoreFailed&) { mark_store_ill(); },
                   [this](const ClockJumped&) {
                     state_.progress.forget_proof(now_);
                     state_.harm.forget_step();
                     state_.step_began = now_;
                   },
               },
               happening);
  }

  Decision decide() {
    if (state_.harm.ruling().verdict == Verdict::revert) convict();
    if (state_.phase == Phase::proving) prove();
    if (judge(state_, now_).verdict == Verdict::advance) advance();
    const Judgement judgement = judge(state_, now_);
    note_stamp(judgement.exposure);
    decision_.serve = judgement.exposure;
    decision_.verdict = judgement.verdict;
    if (decision_.write) {
      for (const Entry& entry : decision_.write->entries)
        state_.entries += entry.state.contains("phase") ? 1 : 0;
      decision_.write->widening.entries = state_.entries;
    }
    return std::move(decision_);
  }

 private:
  void observe(const std::vector<Observed>& together) {
    if (together.empty()) return;
    Block* const block = state_.progress.find(together.front().observation.block);
    std::vector<GatheredRead> reads;
    for (const auto& [observation, write_began] : together) {
      if (block != nullptr) block->record(observation, write_began);
      if (is_held_against(write_began))
        reads.push_back({observation, write_began, is_of_step(write_began)});
    }
    const HarmSeen before = seen(state_.harm);
    gather_together(state_.terms, reads, block, now_, state_.harm);
    tell(before);
    if (block != nullptr) settle(*block);
  }

  void observe(const FoundOk& found) {
    const HarmSeen before = seen(state_.harm);
    for (const OkBlocks& group : found.groups)
      if (is_held_against(group.first_write))
        gather_oks(state_.terms, group, is_of_step(group.first_write), state_.harm);
    tell(before);
    // What was suspect until now withdrew the proof of whatever was settled meanwhile.
    if (before.finding != Finding::none) state_.progress.forget_proof(now_);
    for (const OkBlocks& group : found.groups)
      if (state_.harm.finding() == Finding::none)
        state_.progress.settle_oks(state_.terms, group, state_.step_began);
  }

  bool is_held_against(flags::Moment write_began) const {
    return write_began.boot > state_.harm_since.boot;
  }
  bool is_of_step(flags::Moment write_began) const {
    return write_began.boot > state_.step_began.boot && !state_.progress.is_forgotten(write_began);
  }

  void settle(Block& block) {
    const bool is_clean = state_.harm.finding() == Finding::none;
    if (is_clean) state_.progress.settle(state_.terms, block, state_.step_began);
    if (!is_clean) state_.progress.forget_if_settled(state_.terms, block);
  }

  // Writes what harm found that was not known before.
  void tell(const HarmSeen& before) {
    const HarmSeen after = seen(state_.harm);
    // A suspicion withdraws the proof: what was verified before it renews nothing after it.
    if (after.finding != Finding::none) state_.progress.forget_proof(now_);
    if (state_.harm.has_news()) write_evidence(state_, now_, decision_);
    if (before == after) return;
    write_entry(state_, now_, kind_of(after), "guard", state_.harm.words(), decision_);
  }

  void resume(const BlockResumed& resumed) {
    state_.progress.open(resumed.opened);
    if (Block* const block = state_.progress.find(resumed.opened.block))
      gather_resumed(state_.terms, *block, resumed.unread, state_.harm);
  }

  void tick() {
    try_latch_again();
    try_store_again();
    if (now_.boot - state_.evidence_told.boot < kEvidenceEvery) return;
    const HarmSeen before = seen(state_.harm);
    state_.harm.tick(now_);
    state_.progress.visit([&](Block& block) {
      if (block.opened().began.boot > state_.harm_since.boot)
        gather_overdue(state_.terms, block, now_, state_.harm);
    });
    tell(before);
    write_evidence(state_, now_, decision_);
  }

  void configure(const Terms& terms) {
    const bool is_other_build = terms.build != state_.terms.build;
    const flags::Share share = state_.terms.rollout.steps.at(state_.step).share;
    state_.terms = terms;
    const auto& steps = state_.terms.rollout.steps;
    // The largest step that isn't wider than what was served.
    unsigned step = 0;
    while (step + 1 < steps.size() && steps[step + 1].share <= share) ++step;
    if (step != state_.step || is_other_build) state_.step_began = now_;
    if (step != state_.step) state_.progress.begin_step();
    if (step != state_.step || is_other_build) state_.harm.begin_step();
    state_.step = step;
    if (is_other_build) state_.progress.forget_proof(now_);
    if (terms.evidence != state_.harm.rule().options)
      state_.harm.begin_budget(terms.evidence, "another rule of evidence was configured", false);
    write_entry(state_, now_, "configured", "guard",
                is_other_build ? "another build: evidence begins anew" : "", decision_);
  }

  void widen(const Write& write) {
    if (write.latch) state_.is_latch_under_way = false;
    if (write.latch && write.latch->is_latched) state_.is_latch_durable = true;
    // A store that once failed to sync takes nothing any more: this one has not.
    if (!write.entries.empty()) state_.is_store_well = true;
    if (write.widening.kind == Widening::Kind::none) return;
    // A latch came while the write was under way, and wins.
    if (write.widening.era != state_.era) return;
    if (is_by_evidence(write.widening)) state_.is_advancing = false;
    const bool is_proven =
        write.widening.kind != Widening::Kind::rearm || state_.harm.finding() == Finding::none;
    if (!is_proven) return latch_again(write);
    const unsigned step = state_.step;
    guard::widen(state_, write, now_);
    // The evidence went bad meanwhile: the entry tells of a step that was not taken.
    const bool is_refused = write.widening.kind == Widening::Kind::advance && state_.step == step;
    // What was asked to be written meanwhile, a suspicion for example, still has the state before.
    // Either is what a restart would begin with.
    if (is_refused || write.widening.entries != state_.entries)
      write_entry(state_, now_, "restated", "guard", "after what was written meanwhile", decision_);
  }

  void fail(const WriteFailed& failed) {
    if (is_by_evidence(failed.write.widening) && failed.write.widening.era == state_.era)
      state_.is_advancing = false;
    if (failed.write.latch) state_.is_latch_under_way = false;
    if (failed.write.latch && failed.write.latch->is_latched)
      state_.is_latch_durable = failed.is_latch_durable;
    for (const Entry& entry : failed.write.entries)
      if (!failed.is_ledger_durable && entry.state.contains("evidence"))
        state_.evidence_owed.push_back(entry);
    if (!failed.is_ledger_durable) mark_store_ill();
    if (!failed.is_ledger_durable || failed.write.entries.empty()) return;
    state_.is_store_well = true;  // It was the latch alone.
  }

  // A loss came while the proof's end was being written: the latch was cleared, and is set again.
  void latch_again(const Write& write) {
    state_.latch.generation = write.latch->generation;
    revert_for_loss();
  }

  void revert_for_loss() {
    decision_.reverted.emplace();
    if (const auto& conviction = state_.harm.conviction())
      decision_.reverted->after_first_failure =
          flags::elapsed(conviction->first_failed_write, now_);
    set_latch(state_, "loss", "guard", state_.harm.words(), now_);
    write_latch(state_, decision_);
    write_entry(state_, now_, "reverted", "guard", state_.latch.reason, decision_);
  }

  void try_latch_again() {
    if (!state_.is_latch_durable && !state_.is_latch_under_way) write_latch(state_, decision_);
  }

  void mark_store_ill() {
    if (state_.is_store_well) state_.store_tried = now_;
    state_.is_store_well = false;
  }

  void try_store_again() {
    if (state_.is_store_well || now_.boot - state_.store_tried.boot < kTryStoreEvery) return;
    state_.store_tried = now_;
    write_entry(state_, now_, "restated", "guard", "the store was ill", decision_);
  }

  void convict() {
    if (state_.phase == Phase::finished || state_.phase == Phase::latched) return;
    revert_for_loss();
  }

  void prove() {
    // What could not be written is not tried again at once, and for ever.
    if (state_.is_advancing || !state_.is_store_well || !has_step_evidence(state_, now_)) return;
    if (!state_.progress.evidence_began(state_.terms)) return;
    Latch clear;
    state_.is_advancing = true;
    clear.generation = state_.latch.generation + 1;
    clear.when = now_.wall;
    clear.who = state_.rearmed_by;
    clear.cause = "rearm";
    clear.max_evidence_age = state_.terms.rollout.max_evidence_age;
    ask_to_widen(state_, Widening::Kind::rearm, decision_).latch = std::move(clear);
    // As it will be once the latch is clear; until then the latch wins over its entry.
    State rearmed = state_;
    rearmed.phase = Phase::rolling;
    rearmed.latch.generation = state_.latch.generation + 1;
    write_entry(rearmed, now_, "rearmed", state_.rearmed_by, "proven", decision_);
  }

  void advance() {
    if (state_.is_advancing) return;
    state_.is_advancing = true;
    ask_to_widen(state_, Widening::Kind::advance, decision_);
    State advanced = state_;
    ++advanced.step;
    write_entry(advanced, now_, "advanced", "guard",
                "step " + std::to_string(advanced.step + 1) + " of " +
                    std::to_string(advanced.terms.rollout.steps.size()),
                decision_);
  }

  void note_stamp(const flags::Exposure& exposure) {
    using Mode = flags::Exposure::Mode;
    std::chrono::milliseconds stamp{};
    if (exposure.mode == Mode::leased) stamp = exposure.lease.stamp();
    if (exposure.mode == Mode::finished)
      stamp = flags::round_stamp(now_.wall + state_.terms.rollout.max_evidence_age);
    state_.held_until = std::max(state_.held_until, stamp);
  }

  State& state_;
  flags::Moment now_;
  Decision decision_;
};

}  // namespace

Decision step(State& state, const Event& event) {
  Step step(state, event.now);
  step.take(event.happening);
  return step.decide();
}

}  // namespace readback::guard
