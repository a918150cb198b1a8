#include "guard/configured_evidence.h"

#include <algorithm>

namespace readback::guard {

ConfiguredEvidence configured_evidence(const nlohmann::json* json) {
  ConfiguredEvidence evidence;
  if (json == nullptr || !json->is_object()) return evidence;
  EvidenceOptions& options = evidence.options;
  options = evidence_options_from_json(*json);
  if (!json->contains("max_class_loss_rate"))
    options.max_class_loss_rate = std::min(1.0, 20 * options.max_loss_rate);
  if (options.max_class_loss_rate < options.max_loss_rate)
    evidence.refused.emplace_back(
        "max_class_loss_rate",
        "expected at least max_loss_rate: the pool of the classes is bounded by it");
  if (options.oks_to_clear < options.oks_to_serve_again)
    evidence.refused.emplace_back("oks_to_clear", "expected at least oks_to_serve_again, " +
                                                      std::to_string(options.oks_to_serve_again));
  return evidence;
}

}  // namespace readback::guard
