#include "guard/terms.h"

#include <cassert>

#include "guard/configuration.h"

namespace readback::guard {

Terms terms_of(const Guarded& guarded) {
  assert(guarded.flag.rollout.has_value());
  const probes::Plan& plan = guarded.plan;
  Terms terms;
  terms.flag = guarded.flag.key;
  terms.build = guarded.flag.build;
  terms.rollout = *guarded.flag.rollout;
  terms.lease_within = plan.lease_within;
  terms.round_deadline = plan.round_deadline;
  terms.payload_classes = plan.payload_classes;
  terms.evidence = guarded.evidence;
  for (const probes::Journey& journey : plan.journeys)
    for (const std::string& field : plan.probed_fields(journey))
      terms.streams.push_back({journey.name, field, plan.reads(journey, field),
                               journey.is_required && plan.field(field)->is_required});
  return terms;
}

}  // namespace readback::guard
