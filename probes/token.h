#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// A nonce inside a text: it tells whose text was read, also where the rest of it is damaged, and
// makes every text unique. ASCII letters and digits only, so that no escaping and no charset
// touches it; a check part, so that prose is not taken for one.
//
// Format, never to change: "rb", then 13 digits of the base-32 alphabet
// 0123456789abcdefghjkmnpqrstvwxyz, most significant first: 11 of a value (55 bits), 2 of the check
// (value mod 1021, which sees any single digit changed). The value is the first 55 bits of
// SHA-256("readback.token" NUL seed in decimal NUL field).

namespace readback::probes {

inline constexpr std::size_t kTokenLength = 15;  // characters, all ASCII
inline constexpr std::size_t kTailLength = 8;

// The nonce of the text that `seed` makes for `field`.
std::string token(std::uint64_t seed, std::string_view field);

// The last word of that text, so that a cut shows: 8 digits of the same alphabet, the first 40 bits
// of SHA-256("readback.tail" NUL seed in decimal NUL field). Without a check, so not to be found.
std::string tail(std::uint64_t seed, std::string_view field);

// Every whole token in `text`, in order, whatever surrounds it. Letters of either case are taken,
// lower case is returned.
std::vector<std::string> find_tokens(std::string_view text);

}  // namespace readback::probes
