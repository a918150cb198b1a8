#pragma once

#include "probes/node.h"
#include "probes/plan.h"

// The halves of parse_plan(): what a journey says, and what only the whole plan tells.

namespace readback::probes {

// What a journey's lines may leave out.
struct JourneyDefaults {
  std::vector<Milliseconds> delays;
};

Journey read_journey(const Node& node, const JourneyDefaults& defaults);

// A status set and conditions; `needs_body`: a problem if it has no condition.
Answer read_answer(const Node& node, bool needs_body);

// Ascending and unique, else a problem.
std::vector<Milliseconds> read_delays(const Node& node);

// Names, placeholders and order within each journey, as far as fields and classes are known.
void check_journeys(const Plan& plan, const Node& root);
// Evidence for every required field, time for every round, practitioners for the overlap.
void check_whole(const Plan& plan, const Node& root);

}  // namespace readback::probes
