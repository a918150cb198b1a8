#include "probes/charset.h"

#include <algorithm>
#include <array>

#include "probes/unicode.h"

namespace readback::probes {
namespace {

constexpr int kMostTimes = 3;
constexpr std::array<const char*, 14> kCharsets{
    "windows-1252", "ISO-8859-1",   "ISO-8859-15",  "macintosh", "IBM850",
    "IBM437",       "windows-1250", "windows-1251", "KOI8-R",    "Shift_JIS",
    "GB18030",      "UTF-16LE",     "UTF-16BE",     "ISO-8859-2"};

bool is_ascii(std::u32string_view text) {
  return std::all_of(text.begin(), text.end(), [](char32_t c) { return c < 0x80; });
}

// How often `written` must be taken from one charset for the other to give `read`; 0 for never.
int times_misread(std::u32string_view written, std::u32string_view read, const char* written_as,
                  const char* read_as) {
  std::u32string now(written);
  for (int times = 1; times <= kMostTimes; ++times) {
    auto next = recode(now, written_as, read_as);
    if (!next || *next == now) return 0;
    if (*next == read) return times;
    now = std::move(*next);
  }
  return 0;
}

std::string in_words(const char* written_as, const char* read_as, int times) {
  static constexpr const char* kTimes[] = {"", "", ", twice", ", three times"};
  return std::string(written_as) + " read as " + read_as + kTimes[times];
}

}  // namespace

std::optional<std::string> find_misreading(std::u32string_view written, std::u32string_view read) {
  if (read.find(U'\uFFFD') != std::u32string_view::npos) return std::nullopt;
  if (is_ascii(written) && is_ascii(read)) return std::nullopt;
  for (const char* charset : kCharsets) {
    const int forth = times_misread(written, read, "UTF-8", charset);
    if (forth > 0) return in_words("UTF-8", charset, forth);
    const int back = times_misread(written, read, charset, "UTF-8");
    if (back > 0) return in_words(charset, "UTF-8", back);
  }
  return std::nullopt;
}

}  // namespace readback::probes
