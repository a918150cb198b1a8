#include <algorithm>
#include <array>
#include <set>

#include "probes/comparison.h"
#include "probes/difference.h"
#include "probes/escaping.h"
#include "probes/markup.h"
#include "probes/unicode.h"

namespace readback::probes {
namespace {

constexpr auto kNowhere = std::u32string_view::npos;

// Case-folded; longer ones first where one ends with another.
constexpr std::array<std::u32string_view, 17> kCutMarks{U"[message clipped]",
                                                        U"-- truncated --",
                                                        U"(truncated)",
                                                        U"[truncated]",
                                                        U"<truncated>",
                                                        U"[...]",
                                                        U"[\u2026]",
                                                        U"(...)",
                                                        U"(\u2026)",
                                                        U"lire la suite",
                                                        U"read more",
                                                        U"(suite)",
                                                        U"[suite]",
                                                        U"(more)",
                                                        U"[more]",
                                                        U"...",
                                                        U"\u2026"};

std::u32string_view trim_end(std::u32string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::u32string_view trim_start(std::u32string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return text;
}

// Length of the mark that `text` ends, or begins, with; 0 for none.
std::size_t mark_at_end(std::u32string_view text) {
  for (const std::u32string_view mark : kCutMarks) {
    if (text.size() >= mark.size() && fold_case(text.substr(text.size() - mark.size())) == mark) {
      return mark.size();
    }
  }
  return 0;
}

std::size_t mark_at_start(std::u32string_view text) {
  for (const std::u32string_view mark : kCutMarks) {
    if (fold_case(text.substr(0, mark.size())) == mark) return mark.size();
  }
  return 0;
}

bool is_proper_prefix(std::u32string_view part, std::u32string_view whole) {
  return !part.empty() && part.size() < whole.size() && whole.starts_with(part);
}

bool is_proper_suffix(std::u32string_view part, std::u32string_view whole) {
  return !part.empty() && part.size() < whole.size() && whole.ends_with(part);
}

std::string cut_after(std::size_t place) {
  return "only the first " + std::to_string(place) + " code points are there";
}

std::vector<std::u32string_view> words_of(std::u32string_view text) {
  std::vector<std::u32string_view> words;
  for (text = trim_start(text); !text.empty(); text = trim_start(text)) {
    const auto* const end = std::find_if(text.begin(), text.end(), is_blank);
    words.push_back(text.substr(0, static_cast<std::size_t>(end - text.begin())));
    text.remove_prefix(words.back().size());
  }
  return words;
}

// How many runs of written words are missing if those read are some of them in order; 0 if not.
std::size_t gaps_between_words(const std::vector<std::u32string_view>& written,
                               const std::vector<std::u32string_view>& read) {
  std::size_t next = 0, gaps = 0;
  bool in_gap = false;
  for (const std::u32string_view word : written) {
    const bool is_kept = next < read.size() && read[next] == word;
    if (is_kept) ++next;
    if (!is_kept && !in_gap) ++gaps;
    in_gap = !is_kept;
  }
  return next == read.size() ? gaps : 0;
}

// The same for pieces that need not end with words, each found where it first occurs.
std::size_t gaps_between_pieces(std::u32string_view written, std::u32string_view read) {
  constexpr std::size_t kShortestPiece = 4;  // code points; shorter ones occur by chance
  std::size_t gaps = 0;
  while (!read.empty()) {
    const std::size_t same = common_prefix(written, read);
    read.remove_prefix(same);
    written.remove_prefix(same);
    if (read.empty()) break;
    const std::size_t next = written.find(read.substr(0, kShortestPiece));
    if (next == kNowhere) return 0;
    written.remove_prefix(next);
    ++gaps;
  }
  return gaps + (written.empty() ? 0 : 1);
}

}  // namespace

Holds is_markup_stripped(const Comparison& texts) {
  const std::u32string read = without_blanks(texts.read);
  const std::u32string decoded = without_blanks(decode_html(texts.read));
  for (const Stripped& stripped : strip_markup(texts.written)) {
    const std::u32string text = without_blanks(stripped.text);
    if (text == read || text == decoded || without_blanks(decode_html(stripped.text)) == read) {
      return "as if markup was stripped by " + std::string(stripped.by);
    }
  }
  return std::nullopt;
}

Holds is_truncated_tail(const Comparison& texts) {
  std::u32string_view stem = texts.read;
  if (is_proper_prefix(stem, texts.written)) return cut_after(stem.size());
  stem = trim_end(stem);
  for (std::size_t mark = mark_at_end(stem); mark > 0; mark = mark_at_end(stem)) {
    stem.remove_suffix(mark);
    if (is_proper_prefix(stem, texts.written)) return cut_after(stem.size()) + ", then a cut mark";
    stem = trim_end(stem);
    if (is_proper_prefix(stem, texts.written)) return cut_after(stem.size()) + ", then a cut mark";
  }
  stem = texts.read;
  while (stem.ends_with(U'\uFFFD')) stem.remove_suffix(1);
  if (stem.size() == texts.read.size() || !is_proper_prefix(stem, texts.written)) {
    return std::nullopt;
  }
  return cut_after(stem.size()) + ", then half a character";
}

Holds is_truncated_head(const Comparison& texts) {
  std::u32string_view stem = texts.read;
  const std::size_t mark = mark_at_start(stem);
  // Blanks before what is left may belong to the mark, and to nothing else.
  if (mark > 0 && !is_proper_suffix(stem, texts.written)) {
    stem.remove_prefix(mark);
    if (!is_proper_suffix(stem, texts.written)) stem = trim_start(stem);
  }
  if (!is_proper_suffix(stem, texts.written)) return std::nullopt;
  return "only the last " + std::to_string(stem.size()) + " code points are there";
}

Holds is_truncated_middle(const Comparison& texts) {
  const std::u32string_view written = texts.written, read = texts.read;
  const std::size_t start = common_prefix(written, read);
  const std::size_t end = common_suffix(written.substr(start), read.substr(start));
  if (start > 0 && end > 0 && start + end == read.size() && read.size() < written.size()) {
    return "one run of code points is missing from the middle";
  }
  for (std::size_t at = 1; at <= start && at < read.size(); ++at) {
    const bool may_begin =
        read[at] == U'.' || read[at] == U'\u2026' || read[at] == U'[' || read[at] == U'(';
    const std::size_t mark = may_begin ? mark_at_start(read.substr(at)) : 0;
    if (mark == 0) continue;
    for (const auto rest : {read.substr(at + mark), trim_start(read.substr(at + mark))}) {
      if (is_proper_suffix(rest, written.substr(at))) {
        return "one run of code points is missing from the middle, a cut mark in its place";
      }
    }
  }
  return std::nullopt;
}

Holds is_fragmented(const Comparison& texts) {
  if (texts.read.size() >= texts.written.size()) return std::nullopt;
  const auto written = words_of(texts.written), read = words_of(texts.read);
  const std::set<std::u32string_view> known(written.begin(), written.end());
  const auto whole = std::count_if(read.begin(), read.end(),
                                   [&known](const auto& word) { return known.contains(word); });
  if (whole < 2) return std::nullopt;
  std::size_t gaps = gaps_between_words(written, read);
  if (gaps < 2) {
    gaps = gaps_between_pieces(texts.written, texts.read);
    if (gaps < 2 || gaps > texts.read.size() / 4) return std::nullopt;
  }
  return "pieces are there in order, " + std::to_string(gaps) + " runs are missing";
}

}  // namespace readback::probes
