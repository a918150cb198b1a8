#pragma once

#include <vector>

#include "guard/evidence/block.h"
#include "guard/evidence/harm.h"
#include "guard/evidence/ok_blocks.h"
#include "guard/terms.h"

// From what single reads found to what is evidence. Reads of one arm of a block at one delay may
// fail together, so they are told together, once all of them are settled, or overdue: what is known
// of them then. A write that was seen to fail tells nothing by its later reads, for that would be
// the same loss. A block bets once, on the first delay at which some of its members failed and not
// all; and once on "not ok", when the reads that the lease waits for are settled or overdue.
//
// Info and void count for nothing here, but for "not ok" and the step's bounds.

namespace readback::guard {

// One settled read. `block` is its own, in which it is recorded already; null if nobody knows it
// any more. `is_of_step`: the write was begun in this step.
void gather(const Terms& terms, const probes::Observation& observation, Block* block,
            flags::Moment write_began, bool is_of_step, flags::Moment now, Harm& harm);

// Reads of one block that were settled at one instant: what telling one after another comes to.
// `block` as above.
struct GatheredRead {
  const probes::Observation& observation;
  flags::Moment write_began;
  bool is_of_step = false;
};
void gather_together(const Terms& terms, const std::vector<GatheredRead>& reads, Block* block,
                     flags::Moment now, Harm& harm);

// Blocks without a failure, at once (guard/evidence/ok_blocks.h).
void gather_oks(const Terms& terms, const OkBlocks& blocks, bool is_of_step, Harm& harm);

// Looks at a block again: something may be overdue.
void gather_overdue(const Terms& terms, Block& block, flags::Moment now, Harm& harm);

// A block that an earlier process opened: of what isn't among `unread`, only what failed is known.
void gather_resumed(const Terms& terms, Block& block, const std::vector<Unread>& unread,
                    const Harm& harm);

}  // namespace readback::guard
