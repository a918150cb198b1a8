#include "probes/tags.h"

#include <algorithm>

#include "probes/unicode.h"

namespace readback::probes {
namespace {

constexpr std::size_t kLongestComment = 4'096;  // code points: a bound on looking for its end
constexpr auto kNowhere = std::u32string_view::npos;

bool is_ascii_letter(char32_t c) {
  return (c | 0x20) >= U'a' && (c | 0x20) <= U'z';
}

char32_t lower(char32_t c) {
  return c >= U'A' && c <= U'Z' ? c | 0x20 : c;
}

// Takes letters up to a blank or one of `stops` off the front.
std::u32string take_word(std::u32string_view& text, std::u32string_view stops) {
  std::size_t length = 0;
  while (length < text.size() && !is_blank(text[length]) && stops.find(text[length]) == kNowhere) {
    ++length;
  }
  std::u32string word(text.substr(0, length));
  text.remove_prefix(length);
  return word;
}

void skip_blanks(std::u32string_view& text) {
  while (!text.empty() && (is_blank(text.front()) || text.front() == U'/')) text.remove_prefix(1);
}

std::u32string take_value(std::u32string_view& text) {
  if (text.empty() || (text.front() != U'"' && text.front() != U'\'')) return take_word(text, U"");
  const std::size_t end = std::min(text.find(text.front(), 1), text.size());
  std::u32string value(text.substr(1, end - 1));
  text.remove_prefix(std::min(end + 1, text.size()));
  return value;
}

std::map<std::u32string, std::u32string> parse_attributes(std::u32string_view text) {
  std::map<std::u32string, std::u32string> attributes;
  for (skip_blanks(text); !text.empty(); skip_blanks(text)) {
    std::u32string name = take_word(text, U"=/");
    std::transform(name.begin(), name.end(), name.begin(), lower);
    std::u32string value;
    if (text.starts_with(U'=')) {
      text.remove_prefix(1);
      value = take_value(text);
    }
    attributes.emplace(std::move(name), std::move(value));
  }
  return attributes;
}

}  // namespace

std::optional<Tag> tag_at(std::u32string_view text) {
  if (!text.starts_with(U'<')) return std::nullopt;
  Tag tag;
  if (text.starts_with(U"<!--")) {
    const std::size_t end = text.substr(0, kLongestComment).find(U"-->", 4);
    if (end == kNowhere) return std::nullopt;
    tag.length = end + 3;
    tag.name = U"!";
    return tag;
  }
  tag.is_end = text.substr(1).starts_with(U'/');
  std::size_t at = tag.is_end ? 2 : 1;
  if (at >= text.size() || !is_ascii_letter(text[at])) return std::nullopt;
  const std::size_t end = text.find_first_of(U"<>", at);
  if (end == kNowhere || text[end] == U'<') return std::nullopt;
  while (at < end && (is_ascii_letter(text[at]) || (text[at] >= U'0' && text[at] <= U'9'))) {
    tag.name.push_back(lower(text[at++]));
  }
  tag.attributes = parse_attributes(text.substr(at, end - at));
  tag.length = end + 1;
  return tag;
}

std::u32string spell(const Tag& tag) {
  std::u32string spelt = tag.is_end ? U"</" : U"<";
  spelt += tag.name;
  for (const auto& [name, value] : tag.attributes) spelt += U" " + name + U"=\"" + value + U"\"";
  return spelt + U">";
}

}  // namespace readback::probes
