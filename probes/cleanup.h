#pragma once

#include <string>
#include <vector>

#include "probes/plan.h"
#include "probes/readback.h"
#include "probes/transport.h"

// Removes what one walk made, and nothing else: a clean-up step is sent only if every id that it
// names was captured by that walk. Steps are values, so that what is left after a crash is removed
// later.

namespace readback::probes {

struct Removal {
  Record record;
  std::size_t step = 0;  // index into Journey::cleanup
};

// In order; the steps whose captures the walk has. Empty if it made nothing or the plan has none.
std::vector<Removal> removals(const Plan& plan, const Record& record);

nlohmann::json to_json(const Removal& removal);
Result<Removal> removal_from_json(const nlohmann::json& stored);

// Fails as request(plan, read_back) does.
Result<Exchange> request(const Plan& plan, const Removal& removal);

// Whether the reply is what the step calls acknowledged; else why not, without text.
Result<void> check(const Plan& plan, const Removal& removal, const Reply& reply);

}  // namespace readback::probes
