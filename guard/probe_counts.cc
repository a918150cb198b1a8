#include "guard/probe_counts.h"

#include <algorithm>

namespace readback::guard {

void ProbeCounts::Latency::add(Duration latency) {
  const double seconds = std::chrono::duration<double>(latency).count();
  const auto bound = std::lower_bound(kLatencyBounds.begin(), kLatencyBounds.end(), seconds);
  ++counts[static_cast<std::size_t>(bound - kLatencyBounds.begin())];
  sum_seconds += seconds;
}

void ProbeCounts::add_loss(const Losses& loss) {
  const auto found = losses.find(loss);
  if (found != losses.end())
    ++found->second;
  else if (losses.size() < kMostLosses)
    losses.emplace(loss, 1);
  else
    ++losses_unlisted[{std::get<0>(loss), std::get<probes::Arm>(loss)}];
}

std::string_view to_string(ProbeCounts::Result result) {
  switch (result) {
    case ProbeCounts::Result::ok:
      return "ok";
    case ProbeCounts::Result::fail:
      return "fail";
    case ProbeCounts::Result::info:
      return "info";
    case ProbeCounts::Result::void_arm:
      break;
  }
  return "void";
}

std::string_view to_string(ProbeCounts::Orphan orphan) {
  if (orphan == ProbeCounts::Orphan::as_control) return "as_control";
  return orphan == ProbeCounts::Orphan::not_as_control ? "not_as_control" : "unknown";
}

}  // namespace readback::guard
