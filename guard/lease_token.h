#pragma once

#include <cstdint>
#include <string>

#include "guard/clock.h"

// What an application that holds a flag for hours shows when it saves: proof that the guard served
// this practitioner this variant, and until when. The endpoint that saves checks it by a key that
// it shares with the guard, and takes the old way with the same text when the token is past, or is
// not its caller's: a save is never refused for it. In the metadata of treatment answers,
// `leaseToken`:
//
//   1.GENERATION.UNTIL.MAC
//
// GENERATION and UNTIL are decimal: how often the flag was reverted, and wall milliseconds. MAC is
// HMAC-SHA256 in 64 hexadecimal digits, by the first line of the key file, of the netstrings (D. J.
// Bernstein, 1997) of "readback lease", "1", flag, practitioner, variant, GENERATION, UNTIL. Flag,
// practitioner and variant are what the endpoint knows by itself, so that another's token does not
// fit. Pinned: applications check it in their own language (configs/recipes).
//
// Pure; safe from any thread.

namespace readback::guard {

struct LeaseClaim {
  std::string flag;
  std::string practitioner;
  std::string variant;
  std::uint64_t generation = 0;
  WallTime until{};
};

std::string sign_lease(const std::string& key, const LeaseClaim& claim);

}  // namespace readback::guard
