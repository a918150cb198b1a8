#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "guard/latch_file.h"

// The disk beneath a latch file. What was written is seen at once by everybody, as in a page cache,
// but a crash drops it, or tears it at any byte, unless it was synced.

namespace readback::simulation {

class LatchMedium {
 public:
  explicit LatchMedium(std::string bytes) : durable_(bytes), cached_(std::move(bytes)) {}

  // Power is cut: `random` decides what becomes of each unsynced write.
  void crash(std::mt19937_64& random);

  // The call so many calls from now fails, and does nothing or half of it. Counts reads, writes,
  // syncs and locks; 0: none.
  void fail_call(unsigned number) { fails_in_ = number; }
  // The planted bug: a sync that does nothing and says that it worked.
  void lie_about_syncs() { is_lying_ = true; }
  void flip(std::size_t at, char mask);
  void resize(std::size_t size);

  const std::string& bytes() const { return cached_; }

 private:
  friend class SimulatedLatchDevice;
  struct Write {
    std::uint64_t offset;
    std::string bytes;
  };
  bool fails();

  std::string durable_;
  std::string cached_;
  std::vector<Write> unsynced_;
  unsigned fails_in_ = 0;
  bool is_lying_ = false;
  const void* locked_by_ = nullptr;
};

// One process's view of it.
class SimulatedLatchDevice final : public guard::LatchDevice {
 public:
  explicit SimulatedLatchDevice(LatchMedium& medium) : medium_(medium) {}
  ~SimulatedLatchDevice() override { unlock(); }

  guard::Result<std::string> read_all() override;
  guard::Result<void> write(std::uint64_t offset, std::string_view bytes) override;
  guard::Result<void> sync() override;
  guard::Result<void> lock(std::chrono::milliseconds patience) override;
  void unlock() override;

 private:
  LatchMedium& medium_;
};

}  // namespace readback::simulation
