#include <algorithm>
#include <set>
#include <string>

#include "guard/server/flag_metrics.h"

namespace readback::guard::server {

namespace {

using probes::Arm;
using probes::Outcome;
using Result = ProbeCounts::Result;

constexpr Arm kArms[] = {Arm::treatment, Arm::control};
constexpr Outcome kOutcomes[] = {Outcome::ok, Outcome::fail, Outcome::info};
constexpr Result kResults[] = {Result::ok, Result::fail, Result::info, Result::void_arm};

template <class Counts, class Key>
double count_of(const Counts& counts, const Key& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : static_cast<double>(found->second);
}

// As in the plan: 0s, 2s, 1h; a label that people type.
std::string delay_label(std::chrono::milliseconds delay) {
  const auto ms = delay.count();
  if (ms % 1'000 != 0) return std::to_string(ms) + "ms";
  const auto whole = ms / 1'000;
  if (whole == 0 || whole % 60 != 0) return std::to_string(whole) + "s";
  return whole % 3'600 == 0 ? std::to_string(whole / 3'600) + "h"
                            : std::to_string(whole / 60) + "m";
}

void add_rounds(const Measured& measured, MetricPage& page) {
  page.counter("readback_rounds_total",
               "Members of blocks by what they came to; void: the arm was not what it should be.");
  for (const FlagView& view : measured.flags)
    for (const probes::Journey& journey : view.guarded.plan.journeys)
      for (const Arm arm : kArms)
        for (const Result result : kResults) {
          const std::string& flag = view.guarded.flag.key;
          page.sample({{"flag", flag},
                       {"journey", journey.name},
                       {"arm", std::string(to_string(arm))},
                       {"outcome", std::string(to_string(result))}},
                      count_of(measured.probes.rounds,
                               ProbeCounts::Rounds(flag, journey.name, arm, result)));
        }
}

void add_voids(const Measured& measured, MetricPage& page) {
  page.counter("readback_void_arms_total",
               "Members of blocks that prove nothing, by why: guard/void_reason.h.");
  for (const FlagView& view : measured.flags)
    for (const Arm arm : kArms)
      for (const VoidReason reason : kVoidReasons) {
        const std::string& flag = view.guarded.flag.key;
        page.sample({{"flag", flag},
                     {"arm", std::string(to_string(arm))},
                     {"reason", std::string(to_string(reason))}},
                    count_of(measured.probes.voids, ProbeCounts::Voids(flag, arm, reason)));
      }
}

// The plan's reads of one field, over all journeys.
std::set<probes::ReadPoint> reads_of(const probes::Plan& plan, const std::string& field) {
  std::set<probes::ReadPoint> points;
  for (const probes::Journey& journey : plan.journeys) {
    const std::vector<std::string> probed = plan.probed_fields(journey);
    if (std::find(probed.begin(), probed.end(), field) == probed.end()) continue;
    const std::vector<probes::ReadPoint> reads = plan.reads(journey, field);
    points.insert(reads.begin(), reads.end());
  }
  return points;
}

void add_reads_of(const FlagView& view, const std::string& field, const ProbeCounts& probes,
                  MetricPage& page) {
  const std::string& flag = view.guarded.flag.key;
  for (const probes::ReadPoint& point : reads_of(view.guarded.plan, field))
    for (const Arm arm : kArms)
      for (const Outcome outcome : kOutcomes)
        page.sample({{"flag", flag},
                     {"field", field},
                     {"path", point.path},
                     {"delay", delay_label(point.delay)},
                     {"arm", std::string(to_string(arm))},
                     {"outcome", std::string(to_string(outcome))}},
                    count_of(probes.reads, ProbeCounts::Reads(flag, field, point.path, point.delay,
                                                              arm, outcome)));
}

void add_losses(const Measured& measured, MetricPage& page) {
  const auto is_here = [&](const std::string& flag) {
    return std::any_of(measured.flags.begin(), measured.flags.end(),
                       [&](const FlagView& view) { return view.guarded.flag.key == flag; });
  };
  page.counter("readback_losses_total",
               "Reads that found an acknowledged text lost or changed; only those that occurred.");
  for (const auto& [key, count] : measured.probes.losses) {
    const auto& [flag, field, payload_class, loss_class, arm] = key;
    if (!is_here(flag)) continue;
    page.sample({{"flag", flag},
                 {"field", field},
                 {"payload_class", payload_class},
                 {"loss_class", std::string(to_string(loss_class))},
                 {"arm", std::string(to_string(arm))}},
                static_cast<double>(count));
  }
  page.counter("readback_losses_unlisted_total",
               "Losses beside those of readback_losses_total, which is full.");
  for (const FlagView& view : measured.flags)
    for (const Arm arm : kArms)
      page.sample({{"flag", view.guarded.flag.key}, {"arm", std::string(to_string(arm))}},
                  count_of(measured.probes.losses_unlisted, std::pair(view.guarded.flag.key, arm)));
}

void add_never_read(const Measured& measured, MetricPage& page) {
  page.counter("readback_never_read_total",
               "Reads that brought no usable answer for a day: neither ok nor a loss.");
  for (const FlagView& view : measured.flags)
    for (const Arm arm : kArms) {
      std::uint64_t sum = 0;
      for (const auto& [key, count] : measured.probes.never_read)
        if (std::get<0>(key) == view.guarded.flag.key && std::get<Arm>(key) == arm) sum += count;
      page.sample({{"flag", view.guarded.flag.key}, {"arm", std::string(to_string(arm))}},
                  static_cast<double>(sum));
    }
}

void add_latency(const Measured& measured, MetricPage& page) {
  std::set<std::string> paths;
  for (const FlagView& view : measured.flags)
    for (const probes::Journey& journey : view.guarded.plan.journeys)
      for (const probes::Read& read : journey.reads) paths.insert(read.path);
  page.histogram("readback_read_latency_seconds",
                 "From the write's acknowledgement to the read that found it, its delay included.");
  for (const std::string& path : paths) {
    const auto found = measured.probes.latency.find(path);
    const ProbeCounts::Latency latency =
        found == measured.probes.latency.end() ? ProbeCounts::Latency{} : found->second;
    MetricPage::Distribution distribution;
    for (std::size_t i = 0; i < latency.counts.size(); ++i) {
      distribution.count += latency.counts[i];
      if (i < ProbeCounts::kLatencyBounds.size())
        distribution.buckets.emplace_back(ProbeCounts::kLatencyBounds[i], distribution.count);
    }
    distribution.sum = latency.sum_seconds;
    page.sample({{"path", path}}, distribution);
  }
}

}  // namespace

void add_probe_metrics(const Measured& measured, MetricPage& page) {
  add_rounds(measured, page);
  add_voids(measured, page);
  page.counter("readback_reads_total", "Reads by what they came to, once they were settled.");
  for (const FlagView& view : measured.flags)
    for (const probes::Field& field : view.guarded.plan.fields)
      add_reads_of(view, field.name, measured.probes, page);
  add_losses(measured, page);
  add_never_read(measured, page);
  add_latency(measured, page);
  page.counter("readback_orphan_rounds_total",
               "Walks whose evaluations fail, by what the application did.");
  for (const FlagView& view : measured.flags)
    if (view.guarded.plan.orphan)
      for (const auto orphan : {ProbeCounts::Orphan::as_control,
                                ProbeCounts::Orphan::not_as_control, ProbeCounts::Orphan::unknown})
        page.sample({{"flag", view.guarded.flag.key}, {"outcome", std::string(to_string(orphan))}},
                    count_of(measured.probes.orphans, std::pair(view.guarded.flag.key, orphan)));
  page.gauge(
      "readback_code_default_unsafe",
      "1 if the application last did not take the way of control when its evaluation failed.");
  for (const FlagView& view : measured.flags) {
    const auto last = measured.probes.last_orphan.find(view.guarded.flag.key);
    const bool is_unsafe = last != measured.probes.last_orphan.end() &&
                           last->second == ProbeCounts::Orphan::not_as_control;
    if (view.guarded.plan.orphan) page.sample({{"flag", view.guarded.flag.key}}, is_unsafe ? 1 : 0);
  }
  page.counter("readback_blocks_skipped_total",
               "Blocks that were not started: too few synthetic practitioners were free, or too "
               "many reads are pending.");
  for (const FlagView& view : measured.flags)
    page.sample({{"flag", view.guarded.flag.key}},
                count_of(measured.probes.blocks_skipped, view.guarded.flag.key));
  page.counter("readback_removals_failed_total",
               "Clean-up steps that were given up: synthetic records are left behind.");
  for (const FlagView& view : measured.flags)
    page.sample({{"flag", view.guarded.flag.key}},
                count_of(measured.probes.removals_failed, view.guarded.flag.key));
}

}  // namespace readback::guard::server
