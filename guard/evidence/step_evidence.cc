#include "guard/evidence/step_evidence.h"

#include <algorithm>

#include "flags/duration.h"

namespace readback::guard {
namespace {

using Count = StepEvidence::Count;

void add_to(Count& count, const Count& more, double rate, const EvidenceOptions& options) {
  count.probes += more.probes;
  count.not_ok += more.not_ok;
  // Oks alone lift no bound.
  if (count.is_under && more.not_ok == 0) return;
  count.is_under =
      rate >= 1 || is_under(rate, count.probes, count.not_ok, bound_parameters(options));
}

std::string words(const Count& count, double rate, const EvidenceOptions& options,
                  const std::string& name) {
  const std::uint64_t needed = probes_needed(rate, count.not_ok, bound_parameters(options));
  std::string text = std::to_string(count.probes) + " of " + std::to_string(needed) +
                     " probes of this step of " + name;
  if (count.not_ok > 0) text += ", of which " + std::to_string(count.not_ok) + " were not ok";
  return text;
}

}  // namespace

UpperBoundParameters bound_parameters(const EvidenceOptions& options) {
  UpperBoundParameters parameters;
  parameters.delta = options.false_advance_probability;
  return parameters;
}

void StepEvidence::add(const EvidenceOptions& options, const probes::Cell& cell,
                       const probes::ReadPoint& read, const Count& count) {
  const Pool pool{cell.journey, cell.field, read};
  add_to(pools_[pool], count, options.max_loss_rate, options);
  add_to(classes_[{pool, cell.payload_class}], count, options.max_class_loss_rate, options);
}

std::uint64_t StepEvidence::blocks_missing(const Terms& terms) const {
  const EvidenceOptions& options = terms.evidence;
  std::map<std::pair<double, std::uint64_t>, std::uint64_t> needed;  // by rate and not ok
  const auto missing = [&](const Count& count, double rate) -> std::uint64_t {
    if (count.is_under) return 0;
    const auto [found, is_new] = needed.try_emplace({rate, count.not_ok});
    if (is_new)
      found->second = rate >= 1 ? 1 : probes_needed(rate, count.not_ok, bound_parameters(options));
    return found->second > count.probes ? found->second - count.probes : 1;
  };
  const auto count_of = [](const auto& counts, const auto& key) {
    const auto found = counts.find(key);
    return found == counts.end() ? Count{} : found->second;
  };
  std::uint64_t most = 0;
  for (const Stream& stream : terms.streams) {
    if (!stream.is_required) continue;
    for (const probes::ReadPoint& read : stream.reads) {
      const Pool pool{stream.journey, stream.field, read};
      most = std::max(most, missing(count_of(pools_, pool), options.max_loss_rate));
      if (options.max_class_loss_rate >= 1) continue;
      for (const std::string& payload_class : terms.payload_classes) {
        const std::uint64_t more = missing(count_of(classes_, std::pair(pool, payload_class)),
                                           options.max_class_loss_rate);
        if (more > 0) most = std::max(most, (more - 1) * terms.payload_classes.size() + 1);
      }
    }
  }
  return most;
}

std::string StepEvidence::missing(const Terms& terms) const {
  const EvidenceOptions& options = terms.evidence;
  for (const Stream& stream : terms.streams) {
    if (!stream.is_required) continue;
    for (const probes::ReadPoint& read : stream.reads) {
      const Pool pool{stream.journey, stream.field, read};
      const std::string name = stream.journey + ", " + stream.field + " by " + read.path +
                               " after " + flags::format_duration(read.delay);
      const auto pooled = pools_.find(pool);
      if (pooled == pools_.end() || !pooled->second.is_under)
        return words(pooled == pools_.end() ? Count{} : pooled->second, options.max_loss_rate,
                     options, name);
      if (options.max_class_loss_rate >= 1) continue;
      for (const std::string& payload_class : terms.payload_classes) {
        const auto found = classes_.find({pool, payload_class});
        if (found == classes_.end() || !found->second.is_under)
          return words(found == classes_.end() ? Count{} : found->second,
                       options.max_class_loss_rate, options,
                       name + ", payload class " + payload_class);
      }
    }
  }
  return "";
}

}  // namespace readback::guard
