#include "probes/markup.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "probes/comparison.h"
#include "probes/escaping.h"
#include "probes/tags.h"
#include "probes/unicode.h"

namespace readback::probes {
namespace {

constexpr int kDeepest = 64;

// What Markdown says for a tag without attributes; the end tag's second.
struct Spelling {
  std::u32string_view name, begin, end;
};
constexpr std::array<Spelling, 21> kSpellings{{
    {U"strong", U"**", U"**"},  {U"b", U"**", U"**"},        {U"em", U"*", U"*"},
    {U"i", U"*", U"*"},         {U"code", U"`", U"`"},       {U"del", U"~~", U"~~"},
    {U"s", U"~~", U"~~"},       {U"p", U"\n", U"\n"},        {U"div", U"\n", U"\n"},
    {U"br", U"\n", U"\n"},      {U"ul", U"\n", U"\n"},       {U"li", U"\n- ", U"\n"},
    {U"h1", U"\n# ", U"\n"},    {U"h2", U"\n## ", U"\n"},    {U"h3", U"\n### ", U"\n"},
    {U"h4", U"\n#### ", U"\n"}, {U"h5", U"\n##### ", U"\n"}, {U"hr", U"\n---\n", U""},
    {U"html", U"\n", U"\n"},    {U"body", U"\n", U"\n"},     {U"!", U"", U""},
}};

std::u32string as_markdown(const Tag& tag) {
  const auto* const found =
      std::find_if(kSpellings.begin(), kSpellings.end(),
                   [&tag](const Spelling& spelling) { return spelling.name == tag.name; });
  if (found == kSpellings.end() || !tag.attributes.empty()) return spell(tag);
  return std::u32string(tag.is_end ? found->end : found->begin);
}

std::u32string tags_to_markdown(std::u32string_view text) {
  std::u32string result, between;
  while (!text.empty()) {
    const auto tag = tag_at(text);
    if (tag) {
      result += decode_html(between) + as_markdown(*tag);
      between.clear();
    } else {
      between.push_back(text.front());
    }
    text.remove_prefix(tag ? tag->length : 1);
  }
  return result + decode_html(between);
}

bool is_made_of(std::u32string_view line, std::u32string_view marks) {
  return !line.empty() && line.find_first_not_of(marks) == std::u32string_view::npos;
}

std::u32string normal_row(std::u32string_view line) {
  std::u32string row;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(U'|'), line.size());
    const std::u32string_view cell = trim(line.substr(0, end));
    if (is_made_of(cell, U":-")) {
      row += cell.starts_with(U':') ? U":-" : U"-";
      if (cell.ends_with(U':')) row += U":";
    } else {
      row += cell;
    }
    row.push_back(U'|');
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return row;
}

// A mark and a blank at the start of a list's item, in one spelling.
std::u32string normal_item(std::u32string_view line) {
  if (line.size() > 1 && is_made_of(line.substr(0, 1), U"*+-") && is_blank(line[1])) {
    return U"- " + std::u32string(trim(line.substr(1)));
  }
  const std::size_t digits = std::min(line.find_first_not_of(U"0123456789"), line.size());
  if (digits > 0 && digits + 1 < line.size() && is_made_of(line.substr(digits, 1), U".)") &&
      is_blank(line[digits + 1])) {
    return std::u32string(line.substr(0, digits)) + U". " +
           std::u32string(trim(line.substr(digits + 1)));
  }
  return std::u32string(line);
}

std::u32string normal_line(std::u32string_view line) {
  if (line.starts_with(U'|')) return normal_row(line.substr(1));
  if (line.starts_with(U"~~~")) return U"```" + std::u32string(line.substr(3));
  if (line.starts_with(U'#')) {
    while (line.ends_with(U'#')) line.remove_suffix(1);
    return std::u32string(trim(line));
  }
  const std::u32string bare = without_blanks(line);
  if (bare.size() > 2 && is_made_of(bare.substr(0, 1), U"*-_") &&
      is_made_of(bare, bare.substr(0, 1))) {
    return U"---";
  }
  return normal_item(line);
}

// Underscores as asterisks where they can be emphasis; each run of blanks as one.
std::u32string normal_inline(std::u32string_view line) {
  std::u32string result;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool in_word = i > 0 && i + 1 < line.size() && is_letter_or_digit(line[i - 1]) &&
                         is_letter_or_digit(line[i + 1]);
    const bool repeats = !result.empty() && result.back() == U' ' && is_blank(line[i]);
    if (!repeats)
      result.push_back(is_blank(line[i]) ? U' ' : line[i] == U'_' && !in_word ? U'*' : line[i]);
  }
  return result;
}

bool underlines(std::u32string_view line) {
  return line.size() > 1 && (is_made_of(line, U"=") || is_made_of(line, U"-"));
}

bool is_deep(int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
  return depth <= kDeepest;
}

nlohmann::json parse_document(std::u32string_view text) {
  const auto trimmed = trim(text);
  if (!trimmed.starts_with(U'{') && !trimmed.starts_with(U'[')) return {};
  return nlohmann::json::parse(encode_utf8(trimmed), is_deep, false);
}

// Whether any text or picture is in an editor's document.
bool json_shows_anything(const nlohmann::json& node) {
  if (node.is_array()) return std::any_of(node.begin(), node.end(), json_shows_anything);
  if (!node.is_object()) return false;
  for (const auto& [key, value] : node.items()) {
    const bool is_text = key == "text" || key == "insert" || key == "value" || key == "html";
    if (is_text && value.is_string()) {
      if (shows_anything(decode_utf8(value.get_ref<const std::string&>()))) return true;
    } else if (key == "src" || key == "url" || (is_text && value.is_object()) ||
               json_shows_anything(value)) {
      return true;
    }
  }
  return false;
}

bool is_editor_document(const nlohmann::json& node) {
  if (node.is_array()) {
    return std::all_of(node.begin(), node.end(), [](const auto& item) {
      return item.is_object() && (item.contains("children") || item.contains("_type"));
    });
  }
  if (!node.is_object()) return false;
  return node.empty() || node.contains("ops") || node.contains("blocks") || node.contains("root") ||
         node.contains("content") || node.value("type", nlohmann::json()) == "doc";
}

}  // namespace

bool has_tags(std::u32string_view text) {
  for (std::size_t at = text.find(U'<'); at != std::u32string_view::npos;
       at = text.find(U'<', at + 1)) {
    if (tag_at(text.substr(at))) return true;
  }
  return false;
}

std::u32string normal_markup(std::u32string_view text) {
  const std::u32string lines =
      with_line_feeds(has_tags(text) ? tags_to_markdown(text) : std::u32string(text));
  std::u32string result;
  std::u32string_view rest = lines;
  std::size_t last = 0;  // where the line before begins in `result`
  bool follows_text = false;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(U'\n'), rest.size());
    const std::u32string_view line = trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (follows_text && underlines(line)) {
      result.insert(last, line.front() == U'=' ? U"# " : U"## ");
    } else if (!line.empty()) {
      last = result.size();
      result += normal_inline(normal_line(line)) + U"\n";
    }
    follows_text = !line.empty() && !underlines(line);
  }
  return result;
}

bool is_same_json(std::u32string_view one, std::u32string_view other) {
  const nlohmann::json first = parse_document(one);
  return first.is_structured() && first == parse_document(other);
}

bool shows_anything(std::u32string_view text) {
  static constexpr std::array<std::u32string_view, 11> kShown{
      U"img",   U"hr",  U"video", U"audio",  U"iframe", U"object",
      U"embed", U"svg", U"input", U"canvas", U"math"};
  const nlohmann::json document = parse_document(text);
  if (is_editor_document(document)) return json_shows_anything(document);
  std::u32string between;
  std::map<std::u32string, int> open;  // A lone <b> is no shell: somebody's text.
  while (!text.empty()) {
    const auto tag = tag_at(text);
    if (tag && std::find(kShown.begin(), kShown.end(), tag->name) != kShown.end()) return true;
    if (!tag) between.push_back(text.front());
    if (tag && tag->name != U"br" && tag->name != U"!") open[tag->name] += tag->is_end ? -1 : 1;
    text.remove_prefix(tag ? tag->length : 1);
  }
  for (const auto& [name, count] : open) {
    if (count != 0) return true;
  }
  const std::u32string decoded = decode_html(between);
  return std::any_of(decoded.begin(), decoded.end(), is_visible);
}

}  // namespace readback::probes
