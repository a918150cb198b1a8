#include "probes/typography.h"

#include <algorithm>
#include <array>
#include <utility>

namespace readback::probes {
namespace {

constexpr std::u32string_view kSingleQuotes =
    U"'`\u00B4\u02B9\u02BC\u2018\u2019\u201A\u201B\u2032\u2035\u2039\u203A";
constexpr std::u32string_view kDoubleQuotes = U"\"\u00AB\u00BB\u201C\u201D\u201E\u201F\u2033\u2036";
constexpr std::u32string_view kDashes =
    U"-\u00AD\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\uFE58\uFE63\uFF0D";

constexpr std::array<std::pair<char32_t, std::u32string_view>, 25> kSigns{{
    {U'\u2026', U"..."}, {U'\u00D7', U"x"},   {U'\u00F7', U"/"},    {U'\u00B1', U"+/-"},
    {U'\u2264', U"<="},  {U'\u2265', U">="},  {U'\u2260', U"!="},   {U'\u2192', U"->"},
    {U'\u2190', U"<-"},  {U'\u2194', U"<->"}, {U'\u21D2', U"=>"},   {U'\u21D0', U"<="},
    {U'\u00A9', U"(c)"}, {U'\u00AE', U"(r)"}, {U'\u2122', U"(tm)"}, {U'\u2022', U"-"},
    {U'\u00B7', U"-"},   {U'\u2044', U"/"},   {U'\u2215', U"/"},    {U'\u00BC', U"1/4"},
    {U'\u00BD', U"1/2"}, {U'\u00BE', U"3/4"}, {U'\u2248', U"~="},   {U'\u2217', U"*"},
    {U'\u2236', U":"},
}};

bool is_one_of(std::u32string_view set, char32_t c) {
  return set.find(c) != std::u32string_view::npos;
}

}  // namespace

bool is_quote(char32_t c) {
  return is_one_of(kSingleQuotes, c) || is_one_of(kDoubleQuotes, c);
}

std::u32string fold_typography(std::u32string_view text) {
  std::u32string folded;
  std::size_t hyphens = 0;  // at the end of `folded`, of the run that goes on
  for (const char32_t c : text) {
    const bool is_dash = is_one_of(kDashes, c);
    hyphens = is_dash ? hyphens + 1 : 0;
    if (is_dash) {
      if (hyphens == 1 || hyphens > 3) folded.push_back(U'-');
      continue;
    }
    const auto* const sign = std::find_if(kSigns.begin(), kSigns.end(),
                                          [c](const auto& entry) { return entry.first == c; });
    if (sign != kSigns.end()) {
      folded += sign->second;
    } else {
      folded.push_back(is_one_of(kSingleQuotes, c)   ? U'\''
                       : is_one_of(kDoubleQuotes, c) ? U'"'
                                                     : c);
    }
  }
  return folded;
}

}  // namespace readback::probes
