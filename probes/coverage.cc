#include "probes/coverage.h"

#include <algorithm>

#include "probes/classify.h"
#include "probes/payload.h"

namespace readback::probes {
namespace {

using Names = std::vector<std::string>;

// What a read-back of an acknowledged write may be found with, if nothing is tolerated.
std::vector<LossClass> losses() {
  std::vector<LossClass> all;
  for (std::size_t i = 0; i < kLossClasses; ++i) {
    const auto loss_class = static_cast<LossClass>(i);
    // A refusal is the write's own answer, which is not read back.
    if (loss_class != LossClass::write_rejected && is_loss(loss_class, {}))
      all.push_back(loss_class);
  }
  return all;
}

Names unused_payload_classes(const Plan& plan) {
  Names names;
  for (const auto& known : payload_classes())
    if (std::find(plan.payload_classes.begin(), plan.payload_classes.end(), known.name) ==
        plan.payload_classes.end())
      names.push_back(known.name);
  return names;
}

void add_field(const Plan& plan, const Field& field, NotCovered& result) {
  bool is_probed = false;
  for (const auto& journey : plan.journeys) {
    if (!journey.writes(field.name)) continue;
    const auto name = journey.name + ": " + field.name;
    const bool is_read = !plan.reads(journey, field.name).empty();
    is_probed = is_probed || is_read;
    if (!is_read) result.unread.push_back(name);
    if (is_read && !(field.is_required && journey.is_required)) result.not_required.push_back(name);
  }
  if (!is_probed) result.fields.push_back(field.name);
  if (!can_fail(field)) {
    result.cannot_fail.push_back(field.name);
    return;
  }
  for (const auto loss_class : losses())
    if (field.tolerates.contains(loss_class))
      result.tolerated.push_back(field.name + ": " + std::string(to_string(loss_class)));
}

void add_journey(const Journey& journey, NotCovered& result) {
  bool has_interference = false;
  for (const auto& step : journey.steps) {
    has_interference = has_interference || !step.interferes.empty();
    if (step.is_write() && !step.path_taken)
      result.path_unnamed.push_back(journey.name + ": " + step.call.name);
  }
  if (!has_interference) result.without_interference.push_back(journey.name);
  for (const auto& read : journey.reads)
    if (!read.delays.empty())
      result.longest_delay = std::max(result.longest_delay, read.delays.back());
}

}  // namespace

NotCovered not_covered(const Plan& plan) {
  NotCovered result;
  result.payload_classes = unused_payload_classes(plan);
  for (const auto& field : plan.fields) add_field(plan, field, result);
  for (const auto& journey : plan.journeys) add_journey(journey, result);
  for (auto* names : {&result.payload_classes, &result.fields, &result.unread, &result.cannot_fail,
                      &result.tolerated, &result.not_required, &result.path_unnamed,
                      &result.without_interference})
    std::sort(names->begin(), names->end());
  return result;
}

bool can_fail(const Field& field) {
  const auto all = losses();
  return std::any_of(all.begin(), all.end(), [&](const LossClass loss_class) {
    return is_loss(loss_class, field.tolerates);
  });
}

std::vector<std::string> warnings(const Plan& plan) {
  Names texts;
  for (const auto& field : plan.fields)
    if (!can_fail(field))
      texts.push_back("field '" + field.name +
                      "' tolerates every loss: it passes whatever is stored");
  for (const auto& journey : plan.journeys) {
    const bool is_named = std::any_of(journey.steps.begin(), journey.steps.end(),
                                      [](const Step& step) { return step.path_taken.has_value(); });
    if (!is_named)
      texts.push_back("journey '" + journey.name +
                      "' has no path_taken: an application that asks for the flag and ignores the "
                      "answer passes as both arms");
  }
  return texts;
}

}  // namespace readback::probes
