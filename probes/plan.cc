#include "probes/plan.h"

#include <algorithm>
#include <cmath>

#include "probes/coverage.h"
#include "probes/duration.h"
#include "probes/plan_journeys.h"

namespace readback::probes {
namespace {

template <class Named>
const Named* find_named(const std::vector<Named>& all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Named& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

Milliseconds time_out(const Plan& plan, const Step& step) {
  return step.is_write() ? plan.write_time_out : plan.target.time_out;
}

void check_evidence(const Plan& plan, const Node& root) {
  const auto is_probed = [&](const Field& field) {
    return std::any_of(plan.journeys.begin(), plan.journeys.end(), [&](const Journey& journey) {
      return journey.is_required && !plan.lease_reads(journey, field.name).empty();
    });
  };
  for (const auto& field : plan.fields)
    if (field.is_required && !is_probed(field))
      root.problem_at("/fields/" + field.name,
                      "is required, but no required journey writes it and reads it back with a "
                      "delay of at most lease_within: the lease would never be renewed");
  for (std::size_t i = 0; i < plan.journeys.size(); ++i) {
    const auto& journey = plan.journeys[i];
    if (!journey.is_required) continue;
    for (const auto& field : plan.fields)
      if (field.is_required && journey.writes(field.name) &&
          plan.lease_reads(journey, field.name).empty())
        root.problem_at("/journeys/" + std::to_string(i),
                        "writes '" + field.name +
                            "', which is required, and no path reads it back with a delay of at "
                            "most lease_within");
  }
  if (std::none_of(plan.journeys.begin(), plan.journeys.end(),
                   [](const Journey& journey) { return journey.is_required; }))
    root.problem_at("/journeys", "none is required: there would be no evidence");
  if (std::none_of(plan.fields.begin(), plan.fields.end(),
                   [](const Field& field) { return field.is_required && can_fail(field); }))
    root.problem_at("/fields",
                    "none that is required can fail: a probe that passes whatever is stored "
                    "guards nothing");
}

}  // namespace

const Read* Journey::read(std::string_view path) const {
  const auto found =
      std::find_if(reads.begin(), reads.end(), [&](const Read& one) { return one.path == path; });
  return found == reads.end() ? nullptr : &*found;
}

bool Journey::writes(std::string_view field) const {
  return std::any_of(steps.begin(), steps.end(), [&](const Step& step) {
    return std::find(step.writes.begin(), step.writes.end(), field) != step.writes.end();
  });
}

const Journey* Plan::journey(std::string_view name) const {
  return find_named(journeys, name);
}
const Field* Plan::field(std::string_view name) const {
  return find_named(fields, name);
}

const Practitioner* Plan::practitioner(std::string_view id) const {
  if (orphan && orphan->id == id) return &*orphan;
  const auto found = std::find_if(practitioners.begin(), practitioners.end(),
                                  [&](const Practitioner& one) { return one.id == id; });
  return found == practitioners.end() ? nullptr : &*found;
}

std::vector<ReadPoint> Plan::reads(const Journey& journey, std::string_view field) const {
  std::vector<ReadPoint> points;
  for (const auto& read : journey.reads)
    if (read.fields.contains(std::string(field)) && journey.writes(field))
      for (const auto delay : read.delays) points.push_back({read.path, delay});
  return points;
}

std::vector<ReadPoint> Plan::lease_reads(const Journey& journey, std::string_view field) const {
  auto points = reads(journey, field);
  std::erase_if(points, [&](const ReadPoint& point) { return point.delay > lease_within; });
  return points;
}

std::vector<std::string> Plan::probed_fields(const Journey& journey) const {
  std::vector<std::string> names;
  for (const auto& field : fields)
    if (!reads(journey, field.name).empty()) names.push_back(field.name);
  return names;
}

Milliseconds write_span(const Plan& plan, const Journey& journey) {
  Milliseconds so_far{};
  Milliseconds span{};
  for (const auto& step : journey.steps) {
    so_far += time_out(plan, step);
    if (step.is_write()) span = so_far;
  }
  return span;
}

Milliseconds walk_span(const Plan& plan, const Journey& journey) {
  Milliseconds span{};
  for (const auto& step : journey.steps) span += time_out(plan, step);
  return span;
}

Milliseconds longest_round(const Plan& plan) {
  Milliseconds longest{};
  for (const auto& journey : plan.journeys) {
    Milliseconds reading{};
    for (const auto& read : journey.reads)
      for (const auto delay : read.delays)
        if (delay <= plan.lease_within) reading = std::max(reading, delay + read.deadline);
    longest = std::max(longest, walk_span(plan, journey) + plan.settle + reading);
  }
  // A read that began just before its deadline may take its whole time-out.
  return longest + plan.target.time_out + plan.confirm.within;
}

unsigned overlap(const Plan& plan, const Journey& journey) {
  const auto shortest = static_cast<double>(plan.interval.count()) * (1 - plan.jitter);
  const auto span = static_cast<double>(write_span(plan, journey).count());
  return std::max(1U, static_cast<unsigned>(std::ceil(span / std::max(shortest, 1.0))));
}

unsigned practitioners_needed(const Plan& plan) {
  unsigned blocks = 1;  // A repeat begins at once, beside what is in flight.
  for (const auto& journey : plan.journeys) blocks += overlap(plan, journey);
  return blocks * (plan.controls + 1);
}

void check_whole(const Plan& plan, const Node& root) {
  check_evidence(plan, root);
  const auto round = longest_round(plan);
  if (plan.round_deadline != Milliseconds{} && plan.round_deadline < round)
    root.problem_at("/rounds/deadline", "is shorter than a round may last, " +
                                            format_duration(round) + ": leave it out, or more");
  const auto needed = practitioners_needed(plan);
  if (plan.practitioners.size() < needed)
    root.problem_at("/practitioners", "are " + std::to_string(plan.practitioners.size()) +
                                          ", and blocks of " + std::to_string(plan.controls + 1) +
                                          " that overlap need " + std::to_string(needed) +
                                          ": more of them, a longer interval or shorter "
                                          "time-outs");
}

}  // namespace readback::probes
