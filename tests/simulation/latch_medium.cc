#include "tests/simulation/latch_medium.h"

namespace readback::simulation {
using guard::Problem;
using guard::Result;

void LatchMedium::crash(std::mt19937_64& random) {
  for (const Write& write : unsynced_) {
    const std::size_t size = write.bytes.size();
    std::size_t from = 0;
    std::size_t to = size;
    switch (random() % 4) {
      case 0:
        continue;  // Dropped.
      case 1:
        break;  // It happened to reach the disk.
      case 2:
        to = random() % (size + 1);
        break;
      default:
        from = random() % (size + 1);
        break;
    }
    durable_.replace(write.offset + from, to - from, write.bytes, from, to - from);
  }
  unsynced_.clear();
  cached_ = durable_;
  fails_in_ = 0;
  locked_by_ = nullptr;
}

bool LatchMedium::fails() {
  return fails_in_ > 0 && --fails_in_ == 0;
}

void LatchMedium::flip(std::size_t at, char mask) {
  cached_[at] = static_cast<char>(cached_[at] ^ mask);
  durable_[at] = cached_[at];
}

void LatchMedium::resize(std::size_t size) {
  cached_.resize(size);
  durable_.resize(size);
}

Result<std::string> SimulatedLatchDevice::read_all() {
  if (medium_.fails()) return Problem{"latches", "Input/output error"};
  return {boost::system::in_place_value, medium_.cached_};
}

Result<void> SimulatedLatchDevice::write(std::uint64_t offset, std::string_view bytes) {
  const bool fails = medium_.fails();
  if (fails) bytes = bytes.substr(0, bytes.size() / 2);
  medium_.cached_.replace(offset, bytes.size(), bytes);
  medium_.unsynced_.push_back({offset, std::string(bytes)});
  if (fails) return Problem{"latches", "Input/output error"};
  return {};
}

Result<void> SimulatedLatchDevice::sync() {
  // As on Linux: what a failed sync did not write counts as clean from then on.
  if (medium_.fails()) return Problem{"latches", "Input/output error"};
  if (medium_.is_lying_) return {};
  medium_.durable_ = medium_.cached_;
  medium_.unsynced_.clear();
  return {};
}

Result<void> SimulatedLatchDevice::lock(std::chrono::milliseconds) {
  if (medium_.fails() || (medium_.locked_by_ != nullptr && medium_.locked_by_ != this))
    return Problem{"latches", "somebody else holds its lock"};
  medium_.locked_by_ = this;
  return {};
}

void SimulatedLatchDevice::unlock() {
  if (medium_.locked_by_ == this) medium_.locked_by_ = nullptr;
}

}  // namespace readback::simulation
