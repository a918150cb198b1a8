#include "probes/difference.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace readback::probes {
namespace {

constexpr std::size_t kExact = 8'192;
constexpr std::size_t kWord = 64;

// One block of 64 rows in one column; `carry` is the horizontal difference that enters and leaves.
struct Block {
  std::uint64_t up = ~std::uint64_t{0};  // vertical differences of +1
  std::uint64_t down = 0;                // of -1

  int advance(std::uint64_t match, int carry, std::uint64_t last_row) {
    const std::uint64_t falls = carry < 0;
    const std::uint64_t vertical = match | down;
    match |= falls;
    const std::uint64_t zero = (((match & up) + up) ^ up) | match;
    std::uint64_t right = down | ~(zero | up);
    std::uint64_t left = up & zero;
    const int out = (right & last_row) != 0 ? 1 : (left & last_row) != 0 ? -1 : 0;
    right = right << 1 | (carry > 0);
    left = left << 1 | falls;
    up = left | ~(vertical | right);
    down = right & vertical;
    return out;
  }
};

std::size_t between(Span span_of_one, Span span_of_other, std::u32string_view one,
                    std::u32string_view other) {
  return distance(one.substr(span_of_one.offset, span_of_one.length),
                  other.substr(span_of_other.offset, span_of_other.length));
}

Span part(Span whole, std::size_t number, std::size_t count) {
  const std::size_t begin = whole.length * number / count;
  const std::size_t end = whole.length * (number + 1) / count;
  return {whole.offset + begin, end - begin};
}

}  // namespace

std::size_t common_prefix(std::u32string_view one, std::u32string_view other) {
  const auto stop = std::mismatch(one.begin(), one.end(), other.begin(), other.end()).first;
  return static_cast<std::size_t>(stop - one.begin());
}

std::size_t common_suffix(std::u32string_view one, std::u32string_view other) {
  const auto stop = std::mismatch(one.rbegin(), one.rend(), other.rbegin(), other.rend()).first;
  return static_cast<std::size_t>(stop - one.rbegin());
}

Difference difference(std::u32string_view written, std::u32string_view read) {
  const std::size_t start = common_prefix(written, read);
  const std::size_t end = common_suffix(written.substr(start), read.substr(start));
  return {{start, written.size() - start - end}, {start, read.size() - start - end}};
}

std::size_t distance(std::u32string_view one, std::u32string_view other) {
  if (one.empty() || other.empty()) return std::max(one.size(), other.size());
  const std::size_t count = (one.size() + kWord - 1) / kWord;
  std::unordered_map<char32_t, std::vector<std::uint64_t>> matches;  // only looked up
  for (std::size_t i = 0; i < one.size(); ++i) {
    auto& rows = matches[one[i]];
    if (rows.empty()) rows.resize(count);
    rows[i / kWord] |= std::uint64_t{1} << i % kWord;
  }
  const std::vector<std::uint64_t> none(count);
  const std::uint64_t top_bit = std::uint64_t{1} << (kWord - 1);
  const std::uint64_t last_bit = std::uint64_t{1} << (one.size() - 1) % kWord;
  std::vector<Block> blocks(count);
  std::size_t result = one.size();
  for (const char32_t c : other) {
    const auto found = matches.find(c);
    const auto& rows = found == matches.end() ? none : found->second;
    int carry = 1;  // The first row of the table counts insertions.
    for (std::size_t i = 0; i < count; ++i) {
      carry = blocks[i].advance(rows[i], carry, i + 1 == count ? last_bit : top_bit);
    }
    result = carry < 0 ? result - 1 : result + static_cast<std::size_t>(carry);
  }
  return result;
}

double similarity(std::u32string_view one, std::u32string_view other) {
  const std::size_t longer = std::max(one.size(), other.size());
  if (longer == 0) return 1;
  const Difference apart = difference(one, other);
  const std::size_t core = std::max(apart.in_written.length, apart.in_read.length);
  const std::size_t parts = core == 0 ? 1 : (core - 1) / kExact + 1;
  std::size_t edits = 0;
  for (std::size_t i = 0; i < parts; ++i) {
    edits += between(part(apart.in_written, i, parts), part(apart.in_read, i, parts), one, other);
  }
  return 1 - static_cast<double>(edits) / static_cast<double>(longer);
}

}  // namespace readback::probes
