#include "guard/evidence/options.h"

#include <type_traits>

namespace readback::guard {
namespace {

using Json = nlohmann::json;
using OnPlatformLoss = EvidenceOptions::OnPlatformLoss;

// One list of the numbers, for both ways.
template <class Options, class Visit>
void visit_numbers(Options& options, Visit visit) {
  visit("baseline_loss_rate", options.baseline_loss_rate);
  visit("false_revert_probability", options.false_revert_probability);
  visit("horizon_probes", options.horizon_probes);
  visit("false_blame_probability", options.false_blame_probability);
  visit("false_pause_probability", options.false_pause_probability);
  visit("max_loss_rate", options.max_loss_rate);
  visit("max_class_loss_rate", options.max_class_loss_rate);
  visit("false_advance_probability", options.false_advance_probability);
  visit("oks_to_serve_again", options.oks_to_serve_again);
  visit("oks_to_clear", options.oks_to_clear);
}

}  // namespace

Json to_json(const EvidenceOptions& options) {
  Json json = Json::object();
  visit_numbers(options, [&](const char* name, const auto& value) { json[name] = value; });
  json["on_platform_loss"] =
      options.on_platform_loss == OnPlatformLoss::revert ? "revert" : "pause";
  return json;
}

EvidenceOptions evidence_options_from_json(const Json& json) {
  EvidenceOptions options;
  if (!json.is_object()) return options;
  visit_numbers(options, [&](const char* name, auto& value) {
    using Number = std::remove_reference_t<decltype(value)>;
    const auto found = json.find(name);
    if (found == json.end() || !found->is_number()) return;
    if (!std::is_floating_point_v<Number> && !found->is_number_unsigned()) return;
    value = found->template get<Number>();
  });
  if (json.value("on_platform_loss", Json()) == "revert")
    options.on_platform_loss = OnPlatformLoss::revert;
  return options;
}

}  // namespace readback::guard
