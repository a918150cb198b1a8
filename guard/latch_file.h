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
// file that was gone while the database beside it was there. guard/latch_format.h says what stands
// in the file.
//
// Who wins: a revert beats whatever happens at the same time. A latch is always written; clearing
// one is a compare-and-set on its generation, so that a stale writer cannot clear a newer latch.

namespace readback::guard {

struct Latch {
  bool is_latched = false;
  bool is_readable = true;       // false: damaged, and so latched
  std::uint64_t generation = 0;  // grows with each revert and each re-arm; 0: never written
  WallTime when{};
  // Longer texts are cut at a character's end; control characters become blanks.
  std::string who;                               // at most 64 bytes are kept
  std::string cause;                             // "loss", "operator", "recovered"; 32 bytes
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
  // Exclusive, between processes and between devices of one process; waits at most `patience`, and
  // blocks the thread meanwhile.
  virtual Result<void> lock(std::chrono::milliseconds patience) = 0;
  virtual void unlock() = 0;
};

// Not for two threads at once: each takes a device of its own.
class LatchFile {
 public:
  explicit LatchFile(LatchDevice& device) : device_(device) {}

  // The latch of `flag`. Without a slot of its own: clear, generation 0, if the file is whole and
  // made so that flags without a slot are clear; else damaged, and so latched.
  Latch read(std::string_view flag) const;
  // Those with a slot of their own; a damaged one whose flag can still be told is among them.
  std::map<std::string, Latch> read_all() const;
  // Empty if every slot can be read; else what is wrong, for status and alert.
  std::string damage() const;

  // Durable on return. Takes a free slot for a flag that has none, or, where none is free, the slot
  // of the flag that has been clear the longest.
  //
  // Latching: always done. Over a clear or damaged slot the generation becomes the larger of
  // latch.generation and the slot's + 1. A readable latch of latch.generation or newer is left as
  // it is, so that the first revert's reason stays and doing it twice is no failure.
  //
  // Clearing (re-arm): refused unless latch.generation is exactly the slot's + 1, counting a
  // damaged or missing slot as 0. If its sync fails, the old bytes are put back.
  //
  // Fails when no slot can be had, the file is no latch file, a write or sync fails, or the lock
  // isn't had within `patience`. Nothing is then acknowledged, but a latch may have been written.
  Result<void> write(std::string_view flag, const Latch& latch,
                     std::chrono::milliseconds patience = std::chrono::seconds(1));

 private:
  Result<void> write_locked(std::string_view flag, Latch latch);

  LatchDevice& device_;
};

// What to do where there is no latch file yet.
enum class IfMissing {
  fail,
  create_clear,    // a first start: no flag is latched
  create_latched,  // the file was lost: every flag counts as latched until it is re-armed
};

// Opens `path`. A new file is made whole, preallocated and synced, directory included, before it
// gets its name; if two make it at once, both open the one that came first. Where writing is not
// permitted, it is opened for reading only.
Result<std::unique_ptr<LatchDevice>> open_latch_device(const std::string& path, IfMissing missing);

}  // namespace readback::guard
