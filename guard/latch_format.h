#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "guard/latch_file.h"

// The bytes of a latch file. Must never change between releases but with the version; a test pins
// them. Everything is text, so that a person can read it with `strings`.
//
// The file is 65 blocks of 4,096 bytes, a disk's own block, so that a torn block harms one slot. A
// *seal* is text, blanks up to the size less 65, 64 hexadecimal digits of the SHA-256 of all that
// stands before them, and a newline. So every byte is covered.
//
//   block 0       seal of 4,096 bytes:
//                 {"format":"readback latches","slots":64,"version":1,"without_slot":"clear"}
//                 without_slot is "clear" or "latched": what a flag without a slot is.
//   block 1..64   a slot: a seal of 512 bytes (a sector of its own, so that a torn state does not
//                 take the name with it): {"flag":"KEY","slot":N}, KEY "" if the slot is free,
//                 then a seal of 3,584 bytes: {"build":"","cause":"loss","flag":"KEY",
//                 "generation":7,"is_latched":true,"max_evidence_age_ms":45000,"reason":"",
//                 "slot":N,"when_ms":1767225600000,"who":"guard"}
//
// The slot's number is in both, so that a block written to a wrong place is found.

namespace readback::guard {

inline constexpr std::size_t kLatchBlockBytes = 4'096;
inline constexpr std::size_t kLatchNameBytes = 512;
inline constexpr std::size_t kLatchSlots = 64;
inline constexpr std::size_t kLatchFileBytes = kLatchBlockBytes * (1 + kLatchSlots);
inline constexpr std::size_t kMaxLatchFlagBytes = 200;

// 1 to 200 of [A-Za-z0-9._-], as flags/flag.h has it: nothing that would need escapes in a seal.
bool is_latch_flag(std::string_view flag);

struct LatchSlot {
  bool is_named = true;  // false: nobody knows whose it is
  std::string flag;      // empty: free
  Latch latch;
};

struct LatchImage {
  std::string damage;    // what is wrong, in words; empty if nothing is
  bool is_file = false;  // false: no latch file at all; everything counts as latched
  bool unknown_is_latched = true;
  std::vector<LatchSlot> slots;

  Latch latch_of(std::string_view flag) const;
};

// Total: any bytes are an image, damaged or not.
LatchImage decode_latches(std::string_view bytes);

std::string new_latch_file(bool unknown_is_latched);

// One block; `number` counts from 0. Texts are cut to the sizes of Latch.
std::string encode_slot(std::size_t number, std::string_view flag, const Latch& latch);

inline constexpr std::size_t slot_offset(std::size_t number) {
  return kLatchBlockBytes * (1 + number);
}

}  // namespace readback::guard
