#pragma once

#include <cstdint>
#include <span>

#include "probes/classify.h"

// The 32 rules a second time, from their definitions and in the plainest way, to be compared with:
// whole tables, recursion, no library, no short cut. Right only for texts over kNaiveAlphabet, in
// which nothing can be escaped, be markup, a scalar, a nonce or misread in another charset.

namespace readback::probes {

// Letters, accents in both forms, blanks and line ends of several kinds, signs, what stands for a
// lost character, format and astral characters.
inline constexpr char32_t kNaiveAlphabet[] =
    U"abcXeE\u00E9\u00C9\u0301  \u00A0\n\r\u2028..\u2026,?\uFFFD\u200B\U0001F418\u2018\u2019";

LossClass classify_naively(const Reading& reading);

// A reading made of any bytes: a text over the alphabet, what up to three edits leave of it,
// sometimes other states and other people's texts.
Reading random_reading(std::span<const std::uint8_t> bytes);

}  // namespace readback::probes
