#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Markdown and HTML as editors rewrite and filters strip them. Tolerant scanners, not parsers: they
// need to say whether two texts are the same markup, not what it shows.

namespace readback::probes {

// Something like <p>, </p>, <br/>, <!-- -->.
bool has_tags(std::u32string_view text);

// One normal form for a text's markup: HTML that Markdown can say becomes Markdown, other tags get
// lower-case names, sorted and quoted attributes; bullets, numbers, headings, rules, tables and
// emphasis are spelt one way; blank lines and runs of blanks go. Entities are decoded where there
// are tags.
std::u32string normal_markup(std::u32string_view text);

// What usual functions that strip markup make of the text, each with its name in words: PHP's
// strip_tags, a regular expression from < to >, a browser's, with or without what follows an
// unclosed <, with or without scripts' content; Markdown's marks. Only those that change the text.
struct Stripped {
  std::string_view by;
  std::u32string text;
};
std::vector<Stripped> strip_markup(std::u32string_view text);

// Both are JSON objects or arrays, at most 64 deep, of the same value.
bool is_same_json(std::u32string_view one, std::u32string_view other);

// Whether a reader of the text, as rich text in HTML or in an editor's JSON, would see anything: a
// visible character, a picture, a rule, a tag that nothing closes.
bool shows_anything(std::u32string_view text);

}  // namespace readback::probes
