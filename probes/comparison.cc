#include "probes/comparison.h"

#include "probes/unicode.h"

namespace readback::probes {

std::u32string without_blanks(std::u32string_view text) {
  std::u32string result;
  for (const char32_t c : text) {
    if (!is_blank(c)) result.push_back(c);
  }
  return result;
}

std::u32string_view trim(std::u32string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::u32string with_line_feeds(std::u32string_view text) {
  static constexpr std::u32string_view kLineEnds = U"\r\u0085\u2028\u2029";
  std::u32string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == U'\n' && i > 0 && text[i - 1] == U'\r') continue;
    const bool ends_line = kLineEnds.find(text[i]) != std::u32string_view::npos;
    result.push_back(ends_line ? U'\n' : text[i]);
  }
  return result;
}

std::size_t count_of(std::u32string_view part, std::u32string_view text) {
  if (part.empty()) return 0;
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::u32string_view::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

}  // namespace readback::probes
