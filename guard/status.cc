#include "guard/status.h"

#include <chrono>
#include <map>
#include <utility>

#include "guard/coverage.h"
#include "guard/guard.h"
#include "guard/holder_words.h"
#include "guard/next_command.h"

namespace readback::guard {
namespace {

using nlohmann::json;
using Mode = flags::Exposure::Mode;

// A minute of the event loop: how late it was lately, not ever.
constexpr Duration kLately = std::chrono::minutes(1);

double seconds(Duration time) {
  return std::chrono::duration<double>(time).count();
}

double per_cent(flags::Share share) {
  return share.ppm / 10'000.0;
}

json to_words(const std::vector<probes::Cell>& cells) {
  json list = json::array();
  for (const probes::Cell& cell : cells) list.push_back(guard::to_words(cell));
  return list;
}

json serving(const FlagView& view, const flags::Exposure& exposure) {
  const flags::Flag& flag = view.guarded.flag;
  constexpr const char* kModes[] = {"safe", "leased", "finished"};
  const bool is_safe = exposure.mode == Mode::safe;
  return {{"mode", kModes[static_cast<std::size_t>(exposure.mode)]},
          {"variant", is_safe ? flag.safe : flag.treatment},
          {"safe_variant", flag.safe},
          {"share_percent", is_safe ? 0.0 : per_cent(exposure.share)}};
}

json lease(const flags::Exposure& exposure, flags::Moment now) {
  if (exposure.mode != Mode::leased || !exposure.lease.holds(now)) return nullptr;
  const auto stamp = exposure.lease.stamp();
  return {{"stamp_ms", stamp.count()}, {"seconds_left", seconds(stamp - now.wall)}};
}

json latch(const State& state) {
  if (state.phase != Phase::latched && state.phase != Phase::proving) return nullptr;
  const Latch& latch = state.latch;
  return {{"is_readable", latch.is_readable},
          {"is_durable", state.is_latch_durable},
          {"generation", latch.generation},
          {"when_ms", latch.when.count()},
          {"who", latch.who},
          {"cause", latch.cause},
          {"reason", latch.reason},
          {"build", latch.build}};
}

json pause(const State& state) {
  if (!state.pause) return nullptr;
  return {
      {"by", state.pause->by}, {"at_ms", state.pause->at.count()}, {"reason", state.pause->reason}};
}

json evidence(const State& state, flags::Moment now) {
  json list = json::array();
  for (const Stream& stream : state.terms.streams) {
    if (!stream.is_required) continue;
    const auto verified = state.progress.verified(stream);
    list.push_back({{"journey", stream.journey},
                    {"field", stream.field},
                    {"age_seconds", nullptr},
                    {"complete", state.progress.complete(stream)},
                    {"needed", state.terms.rollout.steps.at(state.step).minimum_evidence}});
    if (verified) list.back()["age_seconds"] = seconds(flags::elapsed(*verified, now));
  }
  return list;
}

json rounds(const FlagView& view) {
  using Result = ProbeCounts::Result;
  std::map<std::pair<std::string, probes::Arm>, json> by_arm;
  const json none = {{"ok", 0}, {"fail", 0}, {"info", 0}, {"void", 0}};
  for (const auto& [key, count] : view.counts.rounds) {
    const auto& [flag, journey, arm, result] = key;
    if (flag != view.guarded.flag.key) continue;
    json& counts = by_arm.try_emplace({journey, arm}, none).first->second;
    counts[result == Result::void_arm ? "void" : to_string(result)] = count;
  }
  json list = json::array();
  for (auto& [key, counts] : by_arm) {
    counts["journey"] = key.first;
    counts["arm"] = to_string(key.second);
    list.push_back(std::move(counts));
  }
  return list;
}

json voids(const FlagView& view) {
  json list = json::array();
  for (const auto& [key, count] : view.counts.voids) {
    const auto& [flag, arm, reason] = key;
    if (flag != view.guarded.flag.key) continue;
    list.push_back({{"arm", to_string(arm)},
                    {"reason", to_string(reason)},
                    {"words", words_of(reason)},
                    {"count", count}});
  }
  return list;
}

json never_read(const FlagView& view) {
  json list = json::array();
  for (const auto& [key, count] : view.counts.never_read) {
    const auto& [flag, journey, field, path, delay, arm] = key;
    if (flag != view.guarded.flag.key) continue;
    list.push_back({{"journey", journey},
                    {"field", field},
                    {"path", path},
                    {"delay_ms", delay.count()},
                    {"arm", to_string(arm)},
                    {"count", count}});
  }
  return list;
}

json held_until(const State& state, flags::Moment now) {
  if (state.held_until <= now.wall) return nullptr;
  return state.held_until.count();
}

json orphan(const FlagView& view) {
  if (!view.guarded.plan.orphan) return nullptr;
  const auto last = view.counts.last_orphan.find(view.guarded.flag.key);
  return to_string(last == view.counts.last_orphan.end() ? ProbeCounts::Orphan::unknown
                                                         : last->second);
}

json proven_until(const FlagView& view) {
  if (!view.proven_until) return nullptr;
  return view.proven_until->count();
}

json to_json(const NextCommand& next) {
  return {{"command", next.command}, {"why", next.why}};
}

// The config's faults come before any flag's needs: they keep the repair of those out, too.
NextCommand first_to_run(const Guard& guard, const NextCommand& most_urgent) {
  const bool is_refused = !guard.reload_faults().empty();
  if (!is_refused || most_urgent.urgency == NextCommand::Urgency::now) return most_urgent;
  return {NextCommand::Urgency::soon, "guard validate " + guard.configuration().path,
          "the last reload was refused, and the config before it still runs"};
}

}  // namespace

json flag_status(const FlagView& view, flags::Moment now) {
  const State& state = view.state;
  const flags::Flag& flag = view.guarded.flag;
  const Judgement judgement = judge(state, now);
  return {{"flag", flag.key},
          {"owner", flag.owner},
          {"build", flag.build},
          {"plan", view.guarded.plan_path},
          {"phase", to_string(state.phase)},
          {"verdict", to_string(judgement.verdict)},
          {"reasons", judgement.reasons},
          {"step", state.step + 1},
          {"steps", state.terms.rollout.steps.size()},
          {"serving", serving(view, judgement.exposure)},
          {"lease", lease(judgement.exposure, now)},
          {"proven_until_ms", proven_until(view)},
          {"held_until_ms", held_until(state, now)},
          {"latch", latch(state)},
          {"pause", pause(state)},
          {"finding", to_string(state.harm.finding())},
          {"suspects", to_words(state.harm.suspects())},
          {"blame", to_string(state.harm.ruling().blame)},
          {"watched", to_words(state.harm.watched())},
          {"budget", state.harm.budget()},
          {"ill_controls", to_words(state.harm.ill_controls())},
          {"evidence", evidence(state, now)},
          {"orphan", orphan(view)},
          {"exposed", view.exposed},
          {"is_exposure_record_full", view.is_exposure_record_full},
          {"clients", to_json(view.clients)},
          {"rounds", rounds(view)},
          {"voids", voids(view)},
          {"never_read", never_read(view)},
          {"not_covered", not_covered_json(view.guarded.plan)},
          {"next", to_json(next_command(view, now))}};
}

json status(const Guard& guard) {
  const flags::Moment now = guard.clock().moment();
  const TimePoint boot = guard.clock().now();
  const Duration late = guard.loop_watch().worst_lateness(boot - kLately, boot);
  json report = {{"at_ms", now.wall.count()},
                 {"config", guard.configuration().path},
                 {"pending_reads", guard.pending_reads()},
                 {"loop_late_ms", std::chrono::duration<double, std::milli>(late).count()},
                 {"store_trouble", guard.decider().store_trouble()},
                 {"clock_jumps", json::array()},
                 {"unguarded", json::array()},
                 {"flags", json::array()}};
  for (const ClockJump& jump : guard.decider().clock_jumps())
    report["clock_jumps"].push_back({{"at_ms", jump.at.count()}, {"by_ms", jump.by.count()}});
  json faults = json::array();
  for (const Fault& fault : guard.reload_faults()) faults.push_back(to_string(fault));
  report["reload"] = {{"at_ms", guard.last_reload().count()}, {"faults", std::move(faults)}};

  NextCommand most_urgent{NextCommand::Urgency::none, "guard status", "nothing is to be done"};
  for (const Guarded& guarded : guard.configuration().guarded) {
    const std::string& flag = guarded.flag.key;
    const State* const state = guard.decider().state(flag);
    // A flag that a reload brought is decided about from the event loop's next turn on.
    if (state == nullptr) {
      if (!guarded.flag.rollout) report["unguarded"].push_back(flag);
      continue;
    }
    const FlagView view{guarded,
                        *state,
                        guard.probe_counts(),
                        guard.exposures().count(flag),
                        guard.exposures().is_full(flag),
                        guard.holders().tally(flag),
                        guard.decider().proven_until(flag)};
    report["flags"].push_back(flag_status(view, now));
    const NextCommand next = next_command(view, now);
    if (report["flags"].size() == 1 || next.urgency > most_urgent.urgency) most_urgent = next;
  }
  report["next"] = to_json(first_to_run(guard, most_urgent));
  return report;
}

}  // namespace readback::guard
