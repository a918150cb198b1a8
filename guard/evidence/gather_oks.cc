// The half of gather.h for blocks without a failure.
#include <algorithm>

#include "guard/evidence/gather.h"

namespace readback::guard {
namespace {

using probes::Arm;
using probes::Cell;
using probes::ReadPoint;
using std::chrono::milliseconds;

// A block passes a cell with the last of the reads that had failed in it.
void pass_oks(const Cell& cell, const OkBlocks& blocks, Harm& harm) {
  for (const Arm arm : {Arm::treatment, Arm::control}) {
    const Suspicion* const suspicion = harm.suspicions().find(arm, cell);
    if (suspicion == nullptr) continue;
    milliseconds last{};
    for (const auto& [read, loss_class] : suspicion->failed_reads)
      last = std::max(last, read.delay);
    if (last != blocks.delay) continue;
    harm.pass(arm, cell,
              arm == Arm::treatment ? blocks.blocks : blocks.blocks * (blocks.members - 1));
  }
}

}  // namespace

void gather_oks(const Terms& terms, const OkBlocks& blocks, bool is_of_step, Harm& harm) {
  const bool is_known = harm.add_known_oks(blocks);
  const bool is_anything_suspect = !harm.is_clear();
  std::vector<SettledRead> reads_of_one;
  milliseconds longest{}, longest_for_lease{};
  for (const Stream& stream : terms.streams) {
    if (stream.journey != blocks.journey) continue;
    const Cell cell{blocks.journey, stream.field, blocks.payload_class};
    for (const ReadPoint& read : stream.reads) {
      longest = std::max(longest, read.delay);
      if (read.delay <= terms.lease_within)
        longest_for_lease = std::max(longest_for_lease, read.delay);
      if (read.delay != blocks.delay) continue;
      if (!is_known) reads_of_one.push_back({cell, read, false});
      if (is_of_step) harm.count_oks(cell, read, blocks.blocks);
    }
    if (is_anything_suspect) pass_oks(cell, blocks, harm);
  }
  if (!is_known) harm.add_oks(blocks, reads_of_one);
  if (blocks.delay == longest) harm.bet_quiet(Harm::Bet::loss, blocks.members, blocks.blocks);
  if (blocks.delay == longest_for_lease)
    harm.bet_quiet(Harm::Bet::not_ok, blocks.members, blocks.blocks);
}

}  // namespace readback::guard
