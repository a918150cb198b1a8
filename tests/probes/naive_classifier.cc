#include "tests/probes/naive_classifier.h"

#include <algorithm>
#include <string>
#include <vector>

#include "probes/unicode.h"

namespace readback::probes {
namespace {

using Text = std::u32string;

bool has(const Text& set, char32_t c) {
  return set.find(c) != Text::npos;
}

const Text kBlanks = U" \u00A0\n\r\u2028";
const Text kLetters = U"abcXeE\u00E9\u00C9";
const Text kUnseen = kBlanks + U"\u200B";

Text without(const Text& text, const Text& set) {
  Text rest;
  for (const char32_t c : text)
    if (!has(set, c)) rest += c;
  return rest;
}

Text with_each(const Text& text, char32_t what, const Text& by) {
  Text result;
  for (const char32_t c : text) result += c == what ? by : Text(1, c);
  return result;
}

Text trimmed_start(Text text) {
  while (!text.empty() && has(kBlanks, text.front())) text.erase(0, 1);
  return text;
}

Text trimmed_end(Text text) {
  while (!text.empty() && has(kBlanks, text.back())) text.pop_back();
  return text;
}

Text one_line_end(const Text& text) {
  Text result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == U'\r' && i + 1 < text.size() && text[i + 1] == U'\n') continue;
    result += has(U"\r\u2028", text[i]) ? U'\n' : text[i];
  }
  return result;
}

Text decomposed(const Text& text) {
  return with_each(with_each(text, U'\u00E9', U"e\u0301"), U'\u00C9', U"E\u0301");
}

Text compatible(const Text& text) {
  return with_each(with_each(decomposed(text), U'\u2026', U"..."), U'\u00A0', U" ");
}

Text lower(const Text& text) {
  return with_each(with_each(with_each(text, U'X', U"x"), U'E', U"e"), U'\u00C9', U"\u00E9");
}

Text plain_typography(const Text& text) {
  return with_each(with_each(with_each(text, U'\u2026', U"..."), U'\u2018', U"'"), U'\u2019', U"'");
}

std::size_t occurrences(const Text& part, const Text& text) {
  if (part.empty() || part.size() > text.size()) return 0;
  if (text.substr(0, part.size()) == part) return 1 + occurrences(part, text.substr(part.size()));
  return occurrences(part, text.substr(1));
}

bool is_mark_of_loss(char32_t c) {
  return c == U'?' || c == U'\uFFFD';
}

// Every way to lay a run of marks over written characters: up to four marks stand for one
// character, one mark for up to eight characters outside ASCII.
bool aligns(const Text& written, const Text& read) {
  if (read.empty()) return written.empty();
  if (!is_mark_of_loss(read[0]))
    return !written.empty() && written[0] == read[0] && aligns(written.substr(1), read.substr(1));
  std::size_t run = 0;
  while (run < read.size() && is_mark_of_loss(read[run])) ++run;
  bool is_foreign_script = true;
  for (std::size_t length = 1; length <= written.size(); ++length) {
    is_foreign_script = is_foreign_script && written[length - 1] >= 0x80;
    const bool stands_for = length <= run ? length * 4 >= run : is_foreign_script;
    if (length > run * 8) return false;
    if (stands_for && aligns(written.substr(length), read.substr(run))) return true;
  }
  return false;
}

bool begins(const Text& part, const Text& whole) {
  return !part.empty() && part.size() < whole.size() && whole.substr(0, part.size()) == part;
}

bool ends(const Text& part, const Text& whole) {
  return !part.empty() && part.size() < whole.size() &&
         whole.substr(whole.size() - part.size()) == part;
}

bool is_dropped(const Text& written, const Text& read) {
  const bool is_cut = read.empty() || begins(read, written) || ends(read, written);
  const Text outside_latin1 = U"\u0301\u2028\u2026\uFFFD\u200B\U0001F418\u2018\u2019";
  for (const Text& one :
       {Text(U"\U0001F418"), Text(U"\n\r"), Text(U"\u200B"), Text(U"\u0301"), Text(U"\u2018\u2019"),
        outside_latin1, Text(outside_latin1 + U"\u00E9\u00C9\u00A0")})
    if (without(written, one) == read) return true;
  if (!is_cut && without(written, U"\uFFFD\U0001F418") == read) return true;
  if (without(decomposed(written), U"\u0301") == decomposed(read)) return true;
  for (const char32_t c : written)
    if (!is_cut && !has(kLetters, c) && without(written, Text(1, c)) == read) return true;
  return false;
}

// Length of the cut mark that the text begins or ends with.
std::size_t mark_at_start(const Text& text) {
  return text.substr(0, 3) == U"..." ? 3 : text.substr(0, 1) == U"\u2026" ? 1 : 0;
}
std::size_t mark_at_end(const Text& text) {
  if (text.size() >= 3 && text.substr(text.size() - 3) == U"...") return 3;
  return !text.empty() && text.back() == U'\u2026' ? 1 : 0;
}

bool is_cut_and_marked(const Text& written, const Text& read) {
  const Text shown = trimmed_end(read);
  const std::size_t mark = mark_at_end(shown);
  if (mark == 0) return false;
  const Text stem = shown.substr(0, shown.size() - mark);
  return begins(stem, written) || begins(trimmed_end(stem), written) ||
         is_cut_and_marked(written, stem);
}

bool is_tail_gone(const Text& written, const Text& read) {
  if (begins(read, written) || is_cut_and_marked(written, read)) return true;
  Text stem = read;
  while (!stem.empty() && stem.back() == U'\uFFFD') stem.pop_back();
  return stem != read && begins(stem, written);
}

bool is_head_gone(const Text& written, const Text& read) {
  const std::size_t mark = mark_at_start(read);
  const Text stem = read.substr(mark);
  return ends(read, written) || ends(stem, written) ||
         (mark > 0 && ends(trimmed_start(stem), written));
}

bool is_middle_gone(const Text& written, const Text& read) {
  for (std::size_t at = 1; at < read.size(); ++at) {
    const Text start = read.substr(0, at), rest = read.substr(at);
    if (!begins(start, written)) continue;
    const Text left = written.substr(at);
    const std::size_t mark = mark_at_start(rest);
    if (ends(rest, left)) return true;
    if (mark == 0) continue;
    if (ends(rest.substr(mark), left) || ends(trimmed_start(rest.substr(mark)), left)) return true;
  }
  return false;
}

std::vector<Text> words(const Text& text) {
  std::vector<Text> result;
  Text word;
  for (const char32_t c : text + U" ") {
    if (!has(kBlanks, c)) {
      word += c;
    } else if (!word.empty()) {
      result.push_back(word);
      word.clear();
    }
  }
  return result;
}

// Runs of written items without a counterpart, or -1 if those read are not some of them in order.
int gaps(const std::vector<Text>& written, const std::vector<Text>& read, bool is_in_gap) {
  if (written.empty()) return read.empty() ? 0 : -1;
  const std::vector<Text> rest(written.begin() + 1, written.end());
  if (!read.empty() && written[0] == read[0])
    return gaps(rest, {read.begin() + 1, read.end()}, false);
  const int others = gaps(rest, read, true);
  return others < 0 ? -1 : others + (is_in_gap ? 0 : 1);
}

// The same for pieces, each as long as it matches and found where its first four characters are.
int pieces_gaps(const Text& written, const Text& read) {
  std::size_t same = 0;
  while (same < read.size() && same < written.size() && written[same] == read[same]) ++same;
  const Text written_rest = written.substr(same), read_rest = read.substr(same);
  if (read_rest.empty()) return written_rest.empty() ? 0 : 1;
  const std::size_t next = written_rest.find(read_rest.substr(0, 4));
  if (next == Text::npos) return -1;
  const int others = pieces_gaps(written_rest.substr(next), read_rest);
  return others < 0 ? -1 : others + 1;
}

bool is_fragmented(const Text& written, const Text& read) {
  if (read.size() >= written.size()) return false;
  const std::vector<Text> all = words(written), left = words(read);
  std::size_t whole = 0;
  for (const Text& word : left) whole += std::count(all.begin(), all.end(), word) > 0 ? 1 : 0;
  if (whole < 2) return false;
  if (gaps(all, left, false) >= 2) return true;
  const int pieces = pieces_gaps(written, read);
  return pieces >= 2 && static_cast<std::size_t>(pieces) <= read.size() / 4;
}

std::size_t edits(const Text& one, const Text& other) {
  std::vector<std::vector<std::size_t>> table(one.size() + 1,
                                              std::vector<std::size_t>(other.size() + 1));
  for (std::size_t i = 0; i <= one.size(); ++i)
    for (std::size_t j = 0; j <= other.size(); ++j) {
      if (i == 0 || j == 0) {
        table[i][j] = i + j;
        continue;
      }
      const std::size_t same = table[i - 1][j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
      table[i][j] = std::min({same, table[i - 1][j] + 1, table[i][j - 1] + 1});
    }
  return table[one.size()][other.size()];
}

bool is_among(const std::vector<std::string>& texts, const Text& text) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const std::string& one) { return decode_utf8(one) == text; });
}

LossClass compare(const Reading& reading, const Text& written, const Text& read) {
  using enum LossClass;
  if (written == read) return equal;
  if (reading.previous && decode_utf8(*reading.previous) == read) return stale;
  if (is_among(reading.concurrent, read)) return superseded;
  if (!without(written, kUnseen).empty() && without(read, kUnseen).empty()) return emptied;
  const std::size_t count = occurrences(written, read);
  if (is_among(reading.others, read) && count == 0) return foreign;
  const Text written_lines = one_line_end(written), read_lines = one_line_end(read);
  if (written_lines == read_lines) return newline_changed;
  if (trimmed_start(trimmed_end(written_lines)) == trimmed_start(trimmed_end(read_lines)))
    return edge_whitespace;
  if (without(written, kBlanks) == without(read, kBlanks)) return whitespace_changed;
  if (compatible(written) == compatible(read)) return unicode_normalised;
  if (lower(written) == lower(read)) return case_changed;
  if (plain_typography(written) == plain_typography(read)) return typography_changed;
  if (count >= 2) return duplicated;
  if (count == 1) return extended;
  if (std::any_of(read.begin(), read.end(), is_mark_of_loss) && aligns(written, read))
    return chars_replaced;
  if (is_dropped(written, read)) return chars_dropped;
  if (is_tail_gone(written, read)) return truncated_tail;
  if (is_head_gone(written, read)) return truncated_head;
  if (is_middle_gone(written, read)) return truncated_middle;
  if (is_fragmented(written, read)) return fragmented;
  const std::size_t longer = std::max(written.size(), read.size());
  return 2 * edits(written, read) <= longer ? altered : unrelated;
}

// Any bytes as choices; zeros once they are used up.
class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::size_t below(std::size_t bound) {
    if (bytes_.empty() || bound == 0) return 0;
    const std::size_t choice = bytes_.front() % bound;
    bytes_ = bytes_.subspan(1);
    return choice;
  }
  char32_t character() { return kNaiveAlphabet[below(std::size(kNaiveAlphabet) - 1)]; }
  Text text(std::size_t most) {
    Text text;
    for (std::size_t length = below(most + 1); length > 0; --length) text += character();
    return text;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

Text edited(Text text, Choices& choices) {
  const std::size_t at = choices.below(text.size() + 1);
  const std::size_t length = choices.below(text.size() - at + 1);
  switch (choices.below(16)) {
    case 0:
      return text.erase(at, length);
    case 1:
      return text.insert(at, 1, choices.character());
    case 2:
      return text.replace(at, std::min<std::size_t>(length, 1), 1, choices.character());
    case 3:
      return text + choices.text(2) + text;
    case 4:
      return text.substr(0, at);
    case 5:
      return text.substr(at);
    case 6:
      return without(text, Text(1, choices.character()));
    case 7:
      return choices.below(2) == 0 ? lower(text) : with_each(text, U'\u2018', U"\u2019");
    case 8:
      return choices.below(2) == 0 ? decomposed(text) : compatible(text);
    case 9:
      return one_line_end(text);
    case 10:
      return trimmed_start(trimmed_end(text));
    case 11:
      return text.substr(0, at) + (choices.below(2) == 0 ? U" ..." : U"\u2026");
    case 12:
      return choices.text(3) + text + choices.text(3);
    case 13:
      return with_each(text, choices.character(), choices.below(2) == 0 ? U"?" : U"\uFFFD\uFFFD");
    case 14:
      return text.replace(at, length, choices.below(2) == 0 ? U"..." : U"\uFFFD");
    default:
      return choices.text(12);
  }
}

}  // namespace

LossClass classify_naively(const Reading& reading) {
  using enum LossClass;
  if (reading.write_state == Reading::WriteState::refused) return write_rejected;
  if (reading.write_state == Reading::WriteState::unknown) return indeterminate;
  if (reading.read_state == Reading::ReadState::failed) return indeterminate;
  if (reading.read_state == Reading::ReadState::no_record) return record_missing;
  if (reading.read_state != Reading::ReadState::ok)
    return reading.written.empty() ? null_for_empty : field_missing;
  return compare(reading, decode_utf8(reading.written), decode_utf8(reading.readback));
}

Reading random_reading(std::span<const std::uint8_t> bytes) {
  Choices choices(bytes);
  Reading reading;
  const std::size_t state = choices.below(64);
  const std::size_t company = choices.below(16);
  const Text written = choices.text(28);
  Text read = written;
  for (std::size_t count = 1 + choices.below(3); count > 0; --count) read = edited(read, choices);
  reading.written = encode_utf8(written);
  reading.readback = encode_utf8(read);
  const std::string another = encode_utf8(choices.below(2) == 0 ? read : edited(read, choices));
  if (company == 1) reading.previous = another;
  if (company == 2) reading.concurrent = {reading.written, another};
  if (company == 3) reading.others = {another, encode_utf8(choices.text(4))};
  if (state < 5) reading.read_state = static_cast<Reading::ReadState>(state);
  if (state == 5) reading.write_state = Reading::WriteState::refused;
  if (state == 6) reading.write_state = Reading::WriteState::unknown;
  return reading;
}

}  // namespace readback::probes
