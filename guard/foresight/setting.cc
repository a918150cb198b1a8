#include "guard/foresight/setting.h"

namespace readback::guard::foresight {

Setting::Setting(const Configuration& configuration, const Guarded& guarded,
                 const Assumptions& assumed)
    : plan(guarded.plan),
      terms(terms_of(guarded)),
      assumed(assumed),
      held_on(configuration.application_keeps_answer + configuration.application_commits_within) {
  for (const probes::Journey& journey : plan.journeys)
    walks.push_back(walk_times(plan, journey, assumed.answer));
}

}  // namespace readback::guard::foresight
