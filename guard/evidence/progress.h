#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "guard/evidence/block.h"
#include "guard/evidence/ok_blocks.h"
#include "guard/terms.h"

// What the evidence allows: how old the newest proof of each required stream is, for the lease, and
// how many writes of this step are proven all the way, for the step.
//
// Info, pending and void prove nothing. Control never renews the lease; it is needed to complete.

namespace readback::guard {

class Progress {
 public:
  // Blocks whose reads aren't all settled; over this the oldest is forgotten, and proves nothing.
  static constexpr std::size_t kMaxBlocks = 20'000;

  void open(BlockOpened opened);
  Block* find(std::uint64_t block);
  template <class Visit>
  void visit(Visit visit) {
    for (auto& [number, block] : blocks_) visit(block);
  }

  // Looks at `block` again after one of its reads was settled. `step_began`: writes begun before it
  // count for the lease, but not for the step.
  void settle(const Terms& terms, Block& block, flags::Moment step_began);

  // Blocks without a failure, none of which was opened here.
  void settle_oks(const Terms& terms, const OkBlocks& blocks, flags::Moment step_began);

  // While something is suspect a block proves nothing; it is only put away once it is settled.
  void forget_if_settled(const Terms& terms, const Block& block);

  // Oldest over the required streams of the start of the latest verified treatment write: what the
  // lease is counted from. None before each of them has one.
  std::optional<flags::Moment> evidence_began(const Terms& terms) const;

  // Complete writes of the required stream that has fewest.
  unsigned fewest_complete(const Terms& terms) const;
  unsigned complete(const Stream& stream) const;
  std::optional<flags::Moment> verified(const Stream& stream) const;

  void begin_step() { complete_.clear(); }
  // Nothing is proven any more, nor by any block that began before `now` or then: a suspicion,
  // another build, a clock that jumped.
  void forget_proof(flags::Moment now);
  // Whether a write that began at `began` proves nothing for that reason.
  bool is_forgotten(flags::Moment began) const {
    return proves_after_ && began.boot <= proves_after_->boot;
  }

 private:
  using Key = std::pair<std::string, std::string>;  // journey, field

  void verify(const Terms& terms, const Block& block);
  void verify(const Stream& stream, flags::Moment write);
  void complete(const Terms& terms, Block& block);
  bool is_settled(const Terms& terms, const Block& block) const;

  std::map<std::uint64_t, Block> blocks_;
  std::map<Key, flags::Moment> verified_;
  std::map<Key, unsigned> complete_;
  std::optional<flags::Moment> proves_after_;
};

}  // namespace readback::guard
