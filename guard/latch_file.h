#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "guard/clock.h"
#include "guard/result.h"

// Latches: the one thing that must survive everything. One preallocated file, a slot a flag,
// written in place and synced by whoever reverts, daemon or command, under a lock of the file. A
// full disk, a hung daemon or a broken database cannot stop a latch.
//
// Whatever cannot be read counts as latched: a slot whose checksum fails, a file of another size, a
// file that is gone while the database beside it is there.

namespace readback::guard {

struct Latch {
  bool is_latched = false;
  bool is_readable = true;       // false: damaged, and so latched
  std::uint64_t generation = 0;  // grows by one with each revert and each re-arm
  WallTime when{};
  std::string who;                               // at most 64 bytes are kept
  std::string cause;                             // "loss", "operator", "alert"; at most 32 bytes
  std::string reason;                            // at most 400 bytes are kept
  std::string build;                             // the build that was reverted; at most 128 bytes
  std::chrono::milliseconds max_evidence_age{};  // M: until when a client may hold treatment
};

// The bytes under a latch file. A seam: a real file, or one of the tests that drops or tears within
// a slot what was not synced. Errors are errno's words.
class LatchDevice {
 public:
  virtual ~LatchDevice() = default;
  virtual Result<std::string> read_all() = 0;
  virtual Result<void> write(std::uint64_t offset, std::string_view bytes) = 0;
  virtual Result<void> sync() = 0;
  // Exclusive, between processes; waits at most `patience`.
  virtual Result<void> lock(std::chrono::milliseconds patience) = 0;
  virtual void unlock() = 0;
};

class LatchFile {
 public:
  explicit LatchFile(LatchDevice& device) : device_(device) {}

  // The latch of `flag`: clear if it has no slot and every slot is readable; damaged, and so
  // latched, if it has none and some slot is not, or if the file cannot be read.
  Latch read(std::string_view flag) const;
  std::map<std::string, Latch> read_all() const;  // the readable ones

  // Durable on return. Takes a free slot for a flag that has none; fails when there is none, when a
  // write or sync fails, or when the lock isn't had within `patience`.
  Result<void> write(std::string_view flag, const Latch& latch,
                     std::chrono::milliseconds patience = std::chrono::seconds(1));

 private:
  LatchDevice& device_;
};

// Opens `path`, making and preallocating it if it is not there and `may_create`.
Result<std::unique_ptr<LatchDevice>> open_latch_device(const std::string& path, bool may_create);

}  // namespace readback::guard
