#pragma once

#include <cstdint>

#include "guard/evidence/options.h"

// What the options come to, in numbers of probes: what people want to know before they start.

namespace readback::guard {

struct EvidenceNeeds {
  // Confirmed failures of writes in a row, of a flag that loses everything, until it is reverted:
  // at the start, and after half of the horizon without one.
  unsigned failures_to_revert = 2;
  unsigned failures_to_revert_later = 2;
  // Probes without a failure that bound a step's loss: of each journey, field, path and delay; of
  // each payload class in it. 0: none are needed.
  std::uint64_t probes = 0;
  std::uint64_t probes_of_class = 0;
};

EvidenceNeeds needs_of(const EvidenceOptions& options);

}  // namespace readback::guard
