#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// SHA-256 (FIPS 180-4), by OpenSSL: what latch slots, ledger rows and cache rows are checked with.
// Pure; safe from any thread.

namespace readback::guard {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);

std::string to_hex(const Digest& digest);          // 64 digits, lower case
std::optional<Digest> from_hex(std::string_view);  // of 64 digits, lower case only

// `LENGTH:BYTES,` (D. J. Bernstein, "Netstrings", 1997): put one after another they can be read
// back in one way only, so that no two lists of fields have the same digest.
std::string netstring(std::string_view bytes);

}  // namespace readback::guard
