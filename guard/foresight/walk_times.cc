#include "guard/foresight/walk_times.h"

#include <algorithm>
#include <set>

#include "guard/settling.h"

namespace readback::guard::foresight {
namespace {

struct Settled {
  Duration when{};
  unsigned reads = 0;
};

// A read of one field that finds `outcome` each time.
Settled settled(const probes::Plan& plan, std::chrono::milliseconds deadline, Duration due,
                Duration answer, probes::Outcome outcome) {
  probes::ReadBack read_back;
  read_back.deadline = deadline;
  read_back.fields.push_back(
      {.field = "any", .sha256 = "", .previous_seed = {}, .unknown_seed = {}});
  probes::FieldReading reading;
  reading.field = "any";
  reading.outcome = outcome;
  Settling settling(plan, read_back, TimePoint(due));
  Settled result;
  while (!settling.is_over()) {
    const TimePoint begun = settling.next(), now = begun + answer;
    settling.take({reading}, begun, now);
    result.when = now.time_since_epoch();
    ++result.reads;
  }
  return result;
}

}  // namespace

WalkTimes walk_times(const probes::Plan& plan, const probes::Journey& journey, Duration answer) {
  WalkTimes times;
  const auto first_write = std::find_if(journey.steps.begin(), journey.steps.end(),
                                        [](const probes::Step& step) { return step.is_write(); });
  times.write = answer * (first_write - journey.steps.begin());
  times.walked = answer * static_cast<std::int64_t>(journey.steps.size());
  times.requests = static_cast<unsigned>(journey.steps.size() + journey.cleanup.size());
  std::set<std::chrono::milliseconds> delays;
  for (const probes::Read& read : journey.reads) {
    std::vector<std::string> fields;
    for (const auto& [field, pointer] : read.fields)
      if (journey.writes(field)) fields.push_back(field);
    if (fields.empty()) continue;
    for (const std::chrono::milliseconds delay : read.delays) {
      const Duration due = times.walked + plan.settle + delay;
      const auto when = [&](probes::Outcome outcome) {
        return settled(plan, read.deadline, due, answer, outcome);
      };
      const Settled failed = when(probes::Outcome::fail);
      times.reads.push_back({{read.path, delay},
                             fields,
                             when(probes::Outcome::ok).when,
                             failed.when,
                             failed.reads - 1,
                             delay <= plan.lease_within});
      ++times.requests;
      delays.insert(delay);
    }
  }
  for (const std::chrono::milliseconds delay : delays)
    times.delays.push_back({delay, times.walked + plan.settle + delay + answer});
  return times;
}

}  // namespace readback::guard::foresight
