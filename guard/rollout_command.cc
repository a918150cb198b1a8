#include "guard/rollout_command.h"

#include <algorithm>
#include <utility>

namespace readback::guard {
namespace {

using Kind = Command::Kind;

void answer(const Command& command, bool is_accepted, std::string words, Decision& decision) {
  Acknowledgement reply{command.ticket, is_accepted, true, std::move(words)};
  // What is to be durable first is answered after it.
  if (is_accepted && decision.write)
    decision.write->answer = std::move(reply);
  else
    decision.answer = std::move(reply);
}

void refuse(const Command& command, std::string why, Decision& decision) {
  answer(command, false, std::move(why), decision);
}

void start(State& state, const Command& command, flags::Moment now, Decision& decision) {
  if (state.phase == Phase::rolling) return answer(command, true, "already started", decision);
  if (state.phase != Phase::waiting)
    return refuse(command, "it is " + std::string(to_string(state.phase)) + ", not waiting",
                  decision);
  ask_to_widen(state, Widening::Kind::start, decision);
  State started = state;
  started.phase = Phase::rolling;
  started.step = 0;
  write_entry(started, now, "started", command.by, command.reason, decision);
  answer(command, true, "started", decision);
}

void pause(State& state, const Command& command, flags::Moment now, Decision& decision) {
  ++state.pauses;
  state.pause = Pause{command.by, now.wall, command.reason};
  write_entry(state, now, "paused", command.by, command.reason, decision);
  answer(command, true, "paused: the safe variant is served, probes go on", decision);
}

void resume(State& state, const Command& command, flags::Moment now, Decision& decision) {
  if (!state.pause) return answer(command, true, "not paused by an operator", decision);
  ask_to_widen(state, Widening::Kind::resume, decision);
  State resumed = state;
  resumed.pause.reset();
  write_entry(resumed, now, "resumed", command.by, command.reason, decision);
  answer(command, true, "resumed: exposed as far as evidence allows", decision);
}

void finish(State& state, const Command& command, flags::Moment now, Decision& decision) {
  if (state.phase == Phase::finished) return answer(command, true, "already finished", decision);
  const auto& steps = state.terms.rollout.steps;
  if (state.phase != Phase::rolling || steps.at(state.step).share != flags::kEverybody)
    return refuse(command, "only a rollout at 100 % can be finished", decision);
  if (now.boot - state.step_began.boot < state.terms.rollout.bake)
    return refuse(command, "it has not baked at 100 % for as long as the plan asks", decision);
  if (judge(state, now).exposure.mode != flags::Exposure::Mode::leased)
    return refuse(command, "treatment is not served now: " + judge(state, now).reasons.front(),
                  decision);
  ask_to_widen(state, Widening::Kind::finish, decision);
  State finished = state;
  finished.phase = Phase::finished;
  write_entry(finished, now, "finished", command.by, command.reason, decision);
  answer(command, true, "finished: remove the flag from the code", decision);
}

void revert(State& state, const Command& command, flags::Moment now, Decision& decision) {
  // A re-arm that was obeyed before and is still being written comes to nothing.
  if (state.phase == Phase::latched) ++state.era;
  if (state.phase == Phase::latched && state.is_latch_durable && !state.is_latch_under_way)
    return answer(command, true,
                  "already reverted by " + state.latch.who + ": " + state.latch.reason, decision);
  decision.reverted.emplace();
  set_latch(state, "operator", command.by, command.reason, now);
  write_latch(state, decision);
  write_entry(state, now, "reverted", command.by, command.reason, decision);
  answer(command, true, "reverted", decision);
}

void rearm(State& state, const Command& command, flags::Moment now, Decision& decision) {
  if (state.phase == Phase::proving) return answer(command, true, "already being proven", decision);
  if (state.phase != Phase::latched) return refuse(command, "it is not latched", decision);
  if (command.by.empty() || command.by == "guard")
    return refuse(command, "only a named person re-arms", decision);
  if (state.latch.build == state.terms.build && !state.latch.build.empty() && !command.same_build)
    return refuse(command,
                  "build " + state.latch.build +
                      " is the one that was reverted; deploy another, or say --same-build",
                  decision);
  ask_to_widen(state, Widening::Kind::prove, decision);
  write_entry(state, now, "rearming", command.by, command.reason, decision);
  answer(command, true,
         "being proven: synthetic practitioners alone get treatment, the latch stays set until "
         "every required field has the first step's evidence",
         decision);
}

Write& writing(Decision& decision) {
  if (!decision.write) decision.write.emplace();
  return *decision.write;
}

}  // namespace

std::string_view to_string(Kind kind) {
  constexpr std::string_view kNames[] = {"start", "pause", "resume", "finish", "revert", "rearm"};
  return kNames[static_cast<std::size_t>(kind)];
}

void obey(State& state, const Command& command, flags::Moment now, Decision& decision) {
  constexpr void (*kActs[])(State&, const Command&, flags::Moment, Decision&) = {
      start, pause, resume, finish, revert, rearm};
  kActs[static_cast<std::size_t>(command.kind)](state, command, now, decision);
  if (decision.write && decision.write->widening.kind == Widening::Kind::prove)
    state.rearmed_by = command.by;
}

void set_latch(State& state, std::string cause, std::string who, std::string reason,
               flags::Moment now) {
  Latch latch;
  latch.is_latched = true;
  latch.generation = state.latch.generation + 1;
  latch.when = now.wall;
  latch.who = std::move(who);
  latch.cause = std::move(cause);
  latch.reason = std::move(reason);
  latch.build = state.terms.build;
  // Stamps of an earlier, longer M may be held for longer than today's.
  latch.max_evidence_age =
      std::max(state.terms.rollout.max_evidence_age, state.held_until - now.wall);
  state.latch = std::move(latch);
  state.phase = Phase::latched;
  state.is_latch_durable = false;
  state.is_advancing = false;
  state.harm_since = now;
  ++state.era;
  state.step = 0;
  state.pause.reset();
  state.harm.set_aside();
  state.progress = {};
}

void write_latch(State& state, Decision& decision) {
  writing(decision).latch = state.latch;
  state.is_latch_under_way = true;
}

void write_entry(const State& state, flags::Moment now, std::string kind, std::string by,
                 std::string reason, Decision& decision) {
  writing(decision).entries.push_back({.at = now.wall,
                                       .flag = state.terms.flag,
                                       .kind = std::move(kind),
                                       .by = std::move(by),
                                       .reason = std::move(reason),
                                       .state = durable(state)});
}

void write_evidence(State& state, flags::Moment now, Decision& decision) {
  state.evidence_told = now;
  // A part has no meaning without the ones before it.
  if (!state.is_store_well) return;
  for (Entry& entry : std::exchange(state.evidence_owed, {}))
    writing(decision).entries.push_back(std::move(entry));
  for (nlohmann::json& part : state.harm.take_journal()) {
    const nlohmann::json mark = part.value("mark", nlohmann::json());
    const bool is_budget = mark.is_object();
    writing(decision).entries.push_back({.at = now.wall,
                                         .flag = state.terms.flag,
                                         .kind = is_budget ? "budget" : "evidence",
                                         .by = "guard",
                                         .reason = is_budget ? mark.value("why", "") : "",
                                         .state = {{"evidence", std::move(part)}}});
  }
}

Write& ask_to_widen(const State& state, Widening::Kind kind, Decision& decision) {
  writing(decision).widening = {kind, state.era, state.pauses};
  return *decision.write;
}

void widen(State& state, const Write& write, flags::Moment now) {
  switch (write.widening.kind) {
    case Widening::Kind::none:
      return;
    case Widening::Kind::start:
      if (state.phase == Phase::waiting) state.phase = Phase::rolling;
      break;
    case Widening::Kind::resume:
      if (write.widening.pauses == state.pauses) state.pause.reset();
      return;
    case Widening::Kind::finish:
      // A suspicion may have come while the entry was being written; it wins.
      if (state.phase == Phase::rolling && state.harm.finding() == Finding::none)
        state.phase = Phase::finished;
      return;
    case Widening::Kind::prove:
      if (state.phase != Phase::latched) return;
      state.phase = Phase::proving;
      state.harm.begin_budget(state.terms.evidence, "re-armed by " + state.rearmed_by, true);
      state.harm_since = now;
      break;
    case Widening::Kind::rearm:
      if (state.phase != Phase::proving) return;
      state.phase = Phase::rolling;
      state.latch = *write.latch;
      break;
    case Widening::Kind::advance:
      // Evidence may have gone bad while the entry was being written.
      if (judge(state, now).verdict != Verdict::advance) return;
      ++state.step;
      break;
  }
  state.step_began = now;
  state.progress.begin_step();
  state.harm.begin_step();
}

}  // namespace readback::guard
