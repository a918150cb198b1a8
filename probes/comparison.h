#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the rules of classify.h look at, as code points, and the three families of rules. A rule
// answers with why it holds (words for people, without note text), or nullopt. Each supposes that
// no earlier rule held; the texts differ.

namespace readback::probes {

struct Comparison {
  std::u32string written;
  std::u32string read;
  std::optional<std::u32string> previous;
  std::vector<std::u32string> concurrent;
  std::vector<std::u32string> others;
};

using Holds = std::optional<std::string>;

// identity_rules.cc: whose text is it?
Holds is_stale(const Comparison& texts);
Holds is_superseded(const Comparison& texts);
Holds is_emptied(const Comparison& texts);
Holds is_foreign(const Comparison& texts);

// form_rules.cc: the same text in another form.
Holds is_newline_changed(const Comparison& texts);
Holds is_edge_whitespace(const Comparison& texts);
Holds is_whitespace_changed(const Comparison& texts);
Holds is_unicode_normalised(const Comparison& texts);
Holds is_escaped(const Comparison& texts);
Holds is_unescaped(const Comparison& texts);
Holds is_type_coerced(const Comparison& texts);
Holds is_case_changed(const Comparison& texts);
Holds is_typography_changed(const Comparison& texts);
Holds is_mojibake(const Comparison& texts);
Holds is_markup_rewritten(const Comparison& texts);
Holds is_duplicated(const Comparison& texts);
Holds is_extended(const Comparison& texts);

// loss_rules.cc: a part is gone.
Holds is_chars_replaced(const Comparison& texts);
Holds is_chars_dropped(const Comparison& texts);
Holds is_markup_stripped(const Comparison& texts);
Holds is_truncated_tail(const Comparison& texts);
Holds is_truncated_head(const Comparison& texts);
Holds is_truncated_middle(const Comparison& texts);
Holds is_fragmented(const Comparison& texts);

// Small changes of a text that several rules make.
std::u32string without_blanks(std::u32string_view text);
std::u32string_view trim(std::u32string_view text);
std::u32string with_line_feeds(std::u32string_view text);  // CR, CRLF, NEL, LS, PS: one LF each
// How often `part` occurs, not overlapping; 0 for an empty one.
std::size_t count_of(std::u32string_view part, std::u32string_view text);

}  // namespace readback::probes
