#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "probes/digest.h"

// SHA-256 as latch slots, ledger rows and cache rows are checked with it, and keyed (RFC 2104) as
// names in the exposure record are made with it; by OpenSSL.
// Pure; safe from any thread.

namespace readback::guard {

using Digest = std::array<std::uint8_t, 32>;

using probes::sha256;
Digest hmac_sha256(std::string_view key, std::string_view message);

std::string to_hex(const Digest& digest);          // 64 digits, lower case
std::optional<Digest> from_hex(std::string_view);  // of 64 digits, lower case only

// `LENGTH:BYTES,` (D. J. Bernstein, "Netstrings", 1997): put one after another they can be read
// back in one way only, so that no two lists of fields have the same digest.
std::string netstring(std::string_view bytes);

}  // namespace readback::guard
