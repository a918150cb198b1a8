#pragma once

#include <string>

#include "guard/clock.h"
#include "guard/decider.h"
#include "guard/entropy.h"
#include "guard/loop_watch.h"
#include "guard/probe_counts.h"
#include "guard/publisher.h"
#include "guard/store.h"
#include "guard/witness.h"
#include "probes/plan.h"
#include "probes/transport.h"

// What probing one flag is about, and what it stands on.

namespace readback::guard {

struct Subject {
  std::string flag;
  std::string treatment;  // names of its variants
  std::string safe;
  probes::Plan plan;
  Duration answer_within =
      std::chrono::milliseconds(100);  // of an evaluation, else the arm is void
};

// All outlive the probing.
struct Surroundings {
  Clock& clock;
  Entropy& entropy;
  probes::Transport& transport;
  Store& store;
  Decider& decider;
  Publisher& publisher;
  const Witness& witness;
  const LoopWatch& loop_watch;
  ProbeCounts& counts;
};

}  // namespace readback::guard
