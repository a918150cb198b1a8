#include "guard/evidence/progress.h"

#include <algorithm>

namespace readback::guard {
namespace {

using Together = Block::Together;

bool concerns(const Stream& stream, const Block& block) {
  return stream.journey == block.opened().journey;
}

}  // namespace

void Progress::open(BlockOpened opened) {
  if (blocks_.size() >= kMaxBlocks) {
    const auto oldest = std::min_element(blocks_.begin(), blocks_.end(), [](auto& a, auto& b) {
      return a.second.opened().began.boot < b.second.opened().began.boot;
    });
    blocks_.erase(oldest);
  }
  const std::uint64_t number = opened.block;
  blocks_.emplace(number, Block(std::move(opened)));
}

Block* Progress::find(std::uint64_t block) {
  const auto found = blocks_.find(block);
  return found == blocks_.end() ? nullptr : &found->second;
}

void Progress::settle(const Terms& terms, Block& block, flags::Moment step_began) {
  const flags::Moment began = block.opened().began;
  if (!is_forgotten(began)) {
    verify(terms, block);
    if (began.boot > step_began.boot) complete(terms, block);
  }
  forget_if_settled(terms, block);
}

void Progress::settle_oks(const Terms& terms, const OkBlocks& blocks, flags::Moment step_began) {
  if (is_forgotten(blocks.last_write)) return;
  std::chrono::milliseconds verifies{};
  for (const Stream& stream : terms.streams)
    if (stream.is_required && stream.journey == blocks.journey)
      for (const probes::ReadPoint& read : stream.reads)
        if (read.delay <= terms.lease_within) verifies = std::max(verifies, read.delay);
  const bool is_of_step =
      !is_forgotten(blocks.first_write) && blocks.first_write.boot > step_began.boot;
  for (const Stream& stream : terms.streams) {
    if (!stream.is_required || stream.journey != blocks.journey) continue;
    if (blocks.delay == verifies) verify(stream, blocks.last_write);
    std::chrono::milliseconds completes{};
    for (const probes::ReadPoint& read : stream.reads) completes = std::max(completes, read.delay);
    if (is_of_step && blocks.delay == completes)
      complete_[{stream.journey, stream.field}] += static_cast<unsigned>(blocks.blocks);
  }
}

void Progress::forget_if_settled(const Terms& terms, const Block& block) {
  if (is_settled(terms, block)) blocks_.erase(block.opened().block);
}

void Progress::verify(const Terms& terms, const Block& block) {
  for (const Stream& stream : terms.streams) {
    if (!stream.is_required || !concerns(stream, block)) continue;
    for (const probes::ReadPoint& read : stream.reads)
      if (read.delay <= terms.lease_within &&
          block.treatment(stream.field, read) != Together::all_ok)
        return;
  }
  for (const Stream& stream : terms.streams) {
    if (!stream.is_required || !concerns(stream, block)) continue;
    if (const auto write = block.treatment_write(stream.field)) verify(stream, *write);
  }
}

void Progress::verify(const Stream& stream, flags::Moment write) {
  const auto [found, is_new] = verified_.try_emplace({stream.journey, stream.field}, write);
  if (!is_new && write.boot > found->second.boot) found->second = write;
}

void Progress::complete(const Terms& terms, Block& block) {
  for (const Stream& stream : terms.streams) {
    if (!stream.is_required || !concerns(stream, block)) continue;
    const bool is_complete =
        std::all_of(stream.reads.begin(), stream.reads.end(), [&](const probes::ReadPoint& read) {
          return block.treatment(stream.field, read) == Together::all_ok &&
                 block.controls(stream.field, read) == Together::all_ok;
        });
    if (is_complete && block.count_once(stream.field)) ++complete_[{stream.journey, stream.field}];
  }
}

bool Progress::is_settled(const Terms& terms, const Block& block) const {
  for (const Stream& stream : terms.streams) {
    if (!concerns(stream, block)) continue;
    for (const probes::ReadPoint& read : stream.reads)
      if (!block.is_settled(stream.field, read)) return false;
  }
  return true;
}

std::optional<flags::Moment> Progress::evidence_began(const Terms& terms) const {
  std::optional<flags::Moment> oldest;
  for (const Stream& stream : terms.streams) {
    if (!stream.is_required) continue;
    const std::optional<flags::Moment> write = verified(stream);
    if (!write) return std::nullopt;
    if (!oldest || write->boot < oldest->boot) oldest = write;
  }
  return oldest;
}

unsigned Progress::fewest_complete(const Terms& terms) const {
  std::optional<unsigned> fewest;
  for (const Stream& stream : terms.streams)
    if (stream.is_required) fewest = std::min(fewest.value_or(complete(stream)), complete(stream));
  return fewest.value_or(0);
}

unsigned Progress::complete(const Stream& stream) const {
  const auto found = complete_.find({stream.journey, stream.field});
  return found == complete_.end() ? 0 : found->second;
}

std::optional<flags::Moment> Progress::verified(const Stream& stream) const {
  const auto found = verified_.find({stream.journey, stream.field});
  if (found == verified_.end()) return std::nullopt;
  return found->second;
}

void Progress::forget_proof(flags::Moment now) {
  proves_after_ = now;
  verified_.clear();
  complete_.clear();
}

}  // namespace readback::guard
