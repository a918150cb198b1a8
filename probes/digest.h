#pragma once

#include <array>
#include <string>
#include <string_view>

// SHA-256 (FIPS 180-4, by OpenSSL): what texts are made from, and how a text made again is checked.

namespace readback::probes {

std::array<unsigned char, 32> sha256(std::string_view bytes);

// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace readback::probes
