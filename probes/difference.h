#pragma once

#include <cstddef>
#include <string_view>

// How far two texts are apart, in code points.

namespace readback::probes {

// Code points, from 0.
struct Span {
  std::size_t offset = 0;
  std::size_t length = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

// What lies between the longest common start and the longest common end of what is left.
struct Difference {
  Span in_written;
  Span in_read;
};

std::size_t common_prefix(std::u32string_view one, std::u32string_view other);
std::size_t common_suffix(std::u32string_view one, std::u32string_view other);
Difference difference(std::u32string_view written, std::u32string_view read);

// Levenshtein's distance: insertions, deletions, substitutions. Myers' bit vectors (J. ACM 46,
// 1999, as extended to blocks by Hyyro, 2003): 64 cells a step.
std::size_t distance(std::u32string_view one, std::u32string_view other);

// 1 - distance / longer length; two empty texts are 1. Exact while the differing part of the longer
// text has at most 8,192 code points; beyond, both are cut into as many equal parts and these are
// compared in pairs, which never says more than the truth, and bounds the time.
double similarity(std::u32string_view one, std::u32string_view other);

}  // namespace readback::probes
