#include "guard/evidence/needs.h"

#include "guard/evidence/harm.h"

namespace readback::guard {
namespace {

// Far over what any options within their bounds need.
constexpr unsigned kMostFailures = 1'000;

unsigned failures_until_crossing(const LossTerms& terms, std::uint64_t healthy) {
  const std::vector<SettledRead> ok = {{{"journey", "field", "class"}, {"path", {}}, false}};
  std::vector<SettledRead> failed = ok;
  failed.front().has_failed = true;
  LossStreams streams;
  if (healthy > 0) streams.add_oks(terms, ok, healthy);
  unsigned failures = 0;
  while (!streams.crossing() && failures < kMostFailures) {
    streams.add(terms, failed);
    ++failures;
  }
  return failures;
}

std::uint64_t probes_under(double rate, const EvidenceOptions& options) {
  return rate >= 1 ? 0 : probes_needed(rate, 0, bound_parameters(options));
}

}  // namespace

EvidenceNeeds needs_of(const EvidenceOptions& options) {
  const EvidenceRule rule(options);
  return {failures_until_crossing(rule.treatment, 0),
          failures_until_crossing(rule.treatment, options.horizon_probes / 2),
          probes_under(options.max_loss_rate, options),
          probes_under(options.max_class_loss_rate, options)};
}

}  // namespace readback::guard
