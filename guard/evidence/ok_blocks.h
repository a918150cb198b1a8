#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "flags/lease.h"

// Many blocks at once: what somebody tells who knows of a whole stretch of time that nothing was
// lost in it, to the same effect as each of its reads by itself. It is what makes a healthy day
// cheap to play ahead (guard/foresight/).

namespace readback::guard {

// Blocks of one journey and payload class of which, at one delay, every read of every member was
// ok, as it was at every shorter delay, and none was void. A group whose writes began partly before
// a step began, or before what was proven was forgotten, proves nothing for it: tell it in two.
struct OkBlocks {
  std::string journey;
  std::string payload_class;
  unsigned members = 0;  // of each block, treatment included; at least 2
  std::chrono::milliseconds delay{};
  std::uint64_t blocks = 0;
  flags::Moment first_write;  // when treatment's write of the first block began; of the last
  flags::Moment last_write;
};

}  // namespace readback::guard
