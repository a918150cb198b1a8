#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "guard/clock.h"
#include "probes/plan.h"

// When what of a probe happens, if the application answers every request in the same time: the
// walk, and for each read when it is settled, by the rule that the guard itself goes by
// (guard/settling.h). All times count from the start of the block. Pure.

namespace readback::guard::foresight {

struct ReadTimes {
  probes::ReadPoint read;
  std::vector<std::string> fields;  // that it reads, of those that the journey writes
  Duration ok{};                    // settled, if the text is there
  Duration failed{};                // confirmed, if it is not
  unsigned rereads = 0;             // until then, after the first
  bool is_for_lease = false;        // its delay is within lease_within
};

// One delay of one journey.
struct DelayTimes {
  std::chrono::milliseconds delay{};
  Duration ok{};  // all of its reads are settled
};

struct WalkTimes {
  Duration write{};   // its first write begins
  Duration walked{};  // its last step is acknowledged
  std::vector<ReadTimes> reads;
  std::vector<DelayTimes> delays;  // ascending
  // Requests of one member to the application, if all is ok: steps, reads, clean-up.
  unsigned requests = 0;
};

// `answer`: from each request to its reply.
WalkTimes walk_times(const probes::Plan& plan, const probes::Journey& journey, Duration answer);

}  // namespace readback::guard::foresight
