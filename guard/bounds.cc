#include "guard/bounds.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "flags/duration.h"
#include "flags/lease.h"
#include "guard/configuration.h"

namespace readback::guard {
namespace {

using std::chrono::milliseconds;

milliseconds longest_gap(const probes::Plan& plan) {
  const double longest = static_cast<double>(plan.interval.count()) * (1 + plan.jitter);
  return milliseconds(static_cast<std::int64_t>(std::ceil(longest)));
}

milliseconds longest_delay(const probes::Plan& plan) {
  milliseconds longest{};
  for (const probes::Journey& journey : plan.journeys) {
    for (const probes::Read& read : journey.reads) {
      for (const milliseconds delay : read.delays) longest = std::max(longest, delay);
    }
  }
  return longest;
}

std::string percent(flags::Share share) {
  std::string text = std::to_string(share.ppm / 10'000) + "." +
                     std::to_string(10'000 + share.ppm % 10'000).substr(1);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + " %";
}

// People read "17 h 20 min" better than "62400 s"; two units are exact enough for a bound.
std::string rough(milliseconds time) {
  constexpr milliseconds kUnits[] = {std::chrono::hours(24), std::chrono::hours(1),
                                     std::chrono::minutes(1), std::chrono::seconds(1),
                                     milliseconds(1)};
  for (std::size_t i = 0; i + 1 < std::size(kUnits); ++i) {
    if (time < kUnits[i]) continue;
    const milliseconds whole = time / kUnits[i] * kUnits[i];
    const milliseconds rest = (time - whole) / kUnits[i + 1] * kUnits[i + 1];
    return flags::format_duration(time / kUnits[i] * kUnits[i]) +
           (rest.count() == 0 ? "" : " " + flags::format_duration(rest));
  }
  return flags::format_duration(time);
}

}  // namespace

Delays delays_of(const Configuration& configuration) {
  return {configuration.watchdog, configuration.application_time_out,
          configuration.application_keeps_answer, configuration.application_commits_within,
          configuration.clock_error};
}

Bounds derive_bounds(const flags::Rollout& rollout, const probes::Plan& plan, const Delays& delays,
                     const EvidenceNeeds& needs) {
  Bounds bounds;
  bounds.needs = needs;
  bounds.gap = longest_gap(plan);
  bounds.round = probes::longest_round(plan);
  bounds.max_evidence_age = rollout.max_evidence_age;
  bounds.minimum_max_evidence_age = 3 * bounds.gap + bounds.round;
  const milliseconds spare = rollout.max_evidence_age - flags::kStampGrain - bounds.round;
  if (bounds.gap.count() > 0 && spare.count() > 0) {
    bounds.lost_rounds = static_cast<unsigned>(spare / bounds.gap);
  }
  const milliseconds answered = delays.delivery + delays.kept + delays.commit;
  bounds.pause = bounds.gap + bounds.round + delays.decision + answered;
  bounds.latch = bounds.pause + (needs.failures_to_revert_later - 1) * bounds.round;
  bounds.hard = rollout.max_evidence_age + delays.clock_error + delays.kept + delays.commit;
  bounds.longest_delay = longest_delay(plan);
  bounds.delayed = bounds.longest_delay + bounds.gap + bounds.round + answered;
  bounds.rollout = rollout.bake;
  for (const flags::Step& step : rollout.steps) {
    // The payload classes take turns. The first round begins with the step, so n rounds take n - 1
    // intervals and the last one.
    const std::uint64_t rounds =
        std::max({std::uint64_t{step.minimum_evidence}, needs.probes,
                  needs.probes_of_class * std::max<std::size_t>(1, plan.payload_classes.size())});
    const milliseconds evidence =
        static_cast<std::int64_t>(rounds - 1) * plan.interval + bounds.longest_delay + bounds.round;
    bounds.steps.push_back({step.share, step.minimum_time, evidence});
    bounds.rollout += bounds.steps.back().at_least();
  }
  return bounds;
}

std::string to_text(const Bounds& bounds) {
  std::string text;
  const auto line = [&](const std::string& name, const std::string& value) {
    text += "  " + name + std::string(name.size() < 46 ? 46 - name.size() : 1, ' ') + value + "\n";
  };
  line("longest gap between two starts of a stream", rough(bounds.gap));
  line("R, one round with its confirmation", rough(bounds.round));
  line("M, max_evidence_age", rough(bounds.max_evidence_age) + " (at least 3 x gap + R = " +
                                  rough(bounds.minimum_max_evidence_age) + ")");
  line("lost rounds in a row that the lease survives", std::to_string(bounds.lost_rounds));
  line("E_pause, from the first lost write to safe", "at most " + rough(bounds.pause));
  line("E_latch, from the first lost write to revert", "at most " + rough(bounds.latch));
  line("confirmed losses until a revert, if all is lost",
       std::to_string(bounds.needs.failures_to_revert) + " at the start, " +
           std::to_string(bounds.needs.failures_to_revert_later) + " after a healthy past");
  line("E_hard, guard dead, hung or cut off", "at most " + rough(bounds.hard));
  line("a loss that shows only at " + rough(bounds.longest_delay),
       "at most " + rough(bounds.delayed));
  if (bounds.needs.probes > 0)
    line("probes a step of each field, path and delay",
         std::to_string(bounds.needs.probes) + ", and " +
             std::to_string(bounds.needs.probes_of_class) + " of each payload class of it");
  for (const StepBounds& step : bounds.steps) {
    line("step " + percent(step.share),
         "at least " + rough(step.at_least()) + " (evidence " + rough(step.evidence_time) + ")");
  }
  line("the whole rollout, bake included", "at least " + rough(bounds.rollout));
  return text;
}

nlohmann::json to_json(const Bounds& bounds) {
  nlohmann::json steps = nlohmann::json::array();
  for (const StepBounds& step : bounds.steps) {
    steps.push_back({{"share_ppm", step.share.ppm},
                     {"minimum_time_ms", step.minimum_time.count()},
                     {"evidence_time_ms", step.evidence_time.count()},
                     {"at_least_ms", step.at_least().count()}});
  }
  return {{"gap_ms", bounds.gap.count()},
          {"round_ms", bounds.round.count()},
          {"max_evidence_age_ms", bounds.max_evidence_age.count()},
          {"minimum_max_evidence_age_ms", bounds.minimum_max_evidence_age.count()},
          {"lost_rounds", bounds.lost_rounds},
          {"pause_ms", bounds.pause.count()},
          {"latch_ms", bounds.latch.count()},
          {"hard_ms", bounds.hard.count()},
          {"longest_delay_ms", bounds.longest_delay.count()},
          {"delayed_ms", bounds.delayed.count()},
          {"failures_to_revert", bounds.needs.failures_to_revert},
          {"failures_to_revert_later", bounds.needs.failures_to_revert_later},
          {"probes_a_step", bounds.needs.probes},
          {"probes_a_step_of_class", bounds.needs.probes_of_class},
          {"steps", steps},
          {"rollout_ms", bounds.rollout.count()}};
}

}  // namespace readback::guard
