#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "flags/flag.h"
#include "guard/evidence/options.h"
#include "probes/observation.h"

// What of the configuration the decision about one flag depends on. Values only.

namespace readback::guard {

struct Guarded;

// One (journey, field) and the reads that each of its writes must pass.
struct Stream {
  std::string journey;
  std::string field;
  std::vector<probes::ReadPoint> reads;
  bool is_required = true;  // its evidence is needed for the lease and for each step
};

struct Terms {
  std::string flag;
  std::string build;
  flags::Rollout rollout;
  std::vector<Stream> streams;
  // A write is verified once every required field of its journey is ok on every read whose delay
  // is at most this.
  std::chrono::milliseconds lease_within{5'000};
  // A read of those that isn't settled so long after its block began is overdue; a later one, so
  // long after its delay.
  std::chrono::milliseconds round_deadline{10'000};
  // What the plan's texts hold, which take turns: proven is what every one of them came back from.
  std::vector<std::string> payload_classes;
  EvidenceOptions evidence;
};

// Of a flag that has a rollout.
Terms terms_of(const Guarded& guarded);

}  // namespace readback::guard
