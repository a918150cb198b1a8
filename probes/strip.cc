#include <algorithm>
#include <array>

#include "probes/markup.h"
#include "probes/unicode.h"

namespace readback::probes {
namespace {

constexpr auto kNowhere = std::u32string_view::npos;

enum class Opens { any, not_blank, letter };  // what must follow a < for a tag to begin

struct Filter {
  std::string_view name;
  Opens opens;
  bool drops_unclosed;  // and all that follows
  bool drops_scripts;   // content included
};

constexpr std::array<Filter, 7> kFilters{{
    {"a regular expression from < to >", Opens::any, false, false},
    {"a regular expression from < to > or the end", Opens::any, true, false},
    {"strip_tags", Opens::not_blank, true, false},
    {"a browser's parser", Opens::letter, true, false},
    {"a tag filter", Opens::letter, false, false},
    {"a sanitiser", Opens::letter, false, true},
    {"a browser's sanitiser", Opens::letter, true, true},
}};

bool begins_tag(std::u32string_view text, Opens opens) {
  if (!text.starts_with(U'<')) return false;
  if (opens == Opens::any) return true;
  if (text.size() < 2 || is_blank(text[1])) return false;
  const char32_t lower = text[1] | 0x20;
  return opens == Opens::not_blank || (lower >= U'a' && lower <= U'z') || text[1] == U'/' ||
         text[1] == U'!' || text[1] == U'?';
}

// How much of `text`, which begins a tag, is a script or style with its content; 0 for none.
std::size_t script_length(std::u32string_view text) {
  for (const std::u32string_view name : {U"script", U"style"}) {
    const std::u32string start = fold_case(text.substr(0, name.size() + 1));
    if (start != U"<" + std::u32string(name)) continue;
    for (std::size_t at = text.find(U"</"); at != kNowhere; at = text.find(U"</", at + 1)) {
      if (fold_case(text.substr(at + 2, name.size())) != name) continue;
      return std::min(text.find(U'>', at), text.size() - 1) + 1;
    }
    return text.size();
  }
  return 0;
}

std::u32string apply(const Filter& filter, std::u32string_view text) {
  std::u32string result;
  bool may_end = true;  // Looked for once only, so that many an unclosed < costs no more than one.
  while (!text.empty()) {
    std::size_t length = 0;
    if (begins_tag(text, filter.opens)) {
      if (filter.drops_scripts) length = script_length(text);
      const std::size_t end = may_end ? text.find(U'>') : kNowhere;
      may_end = end != kNowhere;
      if (length == 0 && end != kNowhere) length = end + 1;
      if (length == 0 && filter.drops_unclosed) length = text.size();
    }
    if (length == 0) result.push_back(text.front());
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

// Marks of emphasis and code anywhere; of headings, items and quotations where a line begins; links
// keep their words.
std::u32string without_markdown(std::u32string_view text) {
  std::u32string result;
  bool at_start = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char32_t c = text[i];
    const bool is_mark = c == U'*' || c == U'_' || c == U'`' || c == U'~' ||
                         (at_start && (c == U'#' || c == U'>' || c == U'-' || c == U'+'));
    const std::size_t link =
        c == U']' && text.substr(i + 1).starts_with(U'(') ? text.find(U')', i) : kNowhere;
    at_start = c == U'\n' || (at_start && (is_mark || is_blank(c)));
    if (link != kNowhere) {
      i = link;
    } else if (!is_mark && c != U'[') {
      result.push_back(c);
    }
  }
  return result;
}

}  // namespace

std::vector<Stripped> strip_markup(std::u32string_view text) {
  std::vector<Stripped> results;
  const auto add = [&](std::string_view by, std::u32string result) {
    if (result != text) results.push_back({by, std::move(result)});
  };
  if (text.find(U'<') != kNowhere) {
    for (const Filter& filter : kFilters) add(filter.name, apply(filter, text));
  }
  if (text.find_first_of(U"*_`~#>-[") != kNowhere) add("Markdown's", without_markdown(text));
  return results;
}

}  // namespace readback::probes
