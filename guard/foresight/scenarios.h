#pragma once

#include <optional>
#include <string>
#include <vector>

#include "guard/foresight/loss.h"
#include "probes/plan.h"

// What may go wrong, as far as a plan can be asked about it; and what it cannot see, whatever is
// decided. Pure.

namespace readback::guard::foresight {

struct Scenario {
  std::string name;    // for programs: total, one_field, one_class, one_in_a_hundred, interference
  std::string words;   // what is lost
  std::string detail;  // in more words; may be empty
  Loss loss;
  // One of them is drawn for each rollout; empty: all of them are hit.
  std::vector<std::string> fields;
  std::vector<std::string> payload_classes;
  // Of the writes of exposed practitioners, how many it hits; unset: who knows, at most all.
  std::optional<double> hits;
};

// Those that the plan can see, from the plainest on.
std::vector<Scenario> scenarios_of(const probes::Plan& plan);

struct Unseen {
  std::string loss;  // "loss of the field plan"
  std::string why;   // "no journey writes it and reads it back"
};
std::vector<Unseen> unseen_by(const probes::Plan& plan);

}  // namespace readback::guard::foresight
