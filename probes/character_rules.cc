#include <algorithm>
#include <array>
#include <set>

#include "probes/comparison.h"
#include "probes/difference.h"
#include "probes/typography.h"
#include "probes/unicode.h"

namespace readback::probes {
namespace {

// The longest run of marks that is tried at every length; longer ones only at whole ratios.
constexpr std::size_t kLongestRun = 256;
constexpr std::size_t kMostPlaces = 2'048;
// A character is at most four bytes of UTF-8, so that many marks; one mark may stand for a whole
// emoji sequence.
constexpr std::size_t kMarksPerCharacter = 4;
constexpr std::size_t kCharactersPerMark = 8;

using Places = std::set<std::size_t>;

bool is_replacement(char32_t c) {
  static constexpr std::u32string_view kMarks = U"?\uFFFD\u25A1\u25AF\u25FB\u2B1C\uFFFC";
  return kMarks.find(c) != std::u32string_view::npos;
}

// Where in `written` one may be after `run` marks that began to stand for what is at `place`.
void add_places_after_run(std::u32string_view written, std::size_t place, std::size_t run,
                          Places& places) {
  const std::size_t left = written.size() - place;
  const std::size_t fewest = (run + kMarksPerCharacter - 1) / kMarksPerCharacter;
  for (std::size_t length = fewest; length <= std::min(run, left); ++length) {
    if (run > kLongestRun && (run % length != 0)) continue;
    places.insert(place + length);
  }
  const std::size_t most = std::min(std::min(run, kLongestRun) * kCharactersPerMark, left);
  for (std::size_t length = 0; length < most && written[place + length] >= 0x80; ++length) {
    if (length + 1 > run) places.insert(place + length + 1);
  }
}

bool aligns(std::u32string_view written, std::u32string_view read) {
  Places places{0};
  for (std::size_t at = 0; at < read.size() && !places.empty();) {
    if (places.size() > kMostPlaces) return false;
    Places next;
    std::size_t run = 0;
    while (at + run < read.size() && is_replacement(read[at + run])) ++run;
    for (const std::size_t place : places) {
      if (run > 0) {
        add_places_after_run(written, place, run, next);
      } else if (place < written.size() && written[place] == read[at]) {
        next.insert(place + 1);
      }
    }
    places = std::move(next);
    at += std::max<std::size_t>(run, 1);
  }
  return places.contains(written.size());
}

struct CharacterClass {
  std::string_view name;
  bool (*holds)(char32_t);
  // A cut at the end of a text takes the full stop with it: that is no dropping of punctuation.
  bool may_be_a_cut = true;
};

constexpr std::array<CharacterClass, 19> kClasses{{
    {"astral characters", [](char32_t c) { return c > 0xFFFF; }},
    {"control characters", is_control},
    {"control characters but line ends and tabs",
     [](char32_t c) { return is_control(c) && !is_blank(c); }},
    {"format characters", is_format},
    {"combining marks", is_mark},
    {"variation selectors", [](char32_t c) { return c >= 0xFE00 && c <= 0xFE0F; }},
    {"emoji with their joiners and selectors",
     [](char32_t c) { return c > 0xFFFF || c == 0x200D || c == 0xFE0F; }},
    {"quotes", is_quote},
    {"double quotes", [](char32_t c) { return c == U'"'; }},
    {"apostrophes", [](char32_t c) { return c == U'\''; }},
    {"angle signs", [](char32_t c) { return c == U'<' || c == U'>'; }},
    {"ampersands", [](char32_t c) { return c == U'&'; }},
    {"backslashes", [](char32_t c) { return c == U'\\'; }},
    {"specials of HTML",
     [](char32_t c) {
       return std::u32string_view(U"<>&\"'").find(c) != std::u32string_view::npos;
     }},
    {"private-use characters", is_private_use},
    {"noncharacters", is_noncharacter},
    {"characters outside ASCII", [](char32_t c) { return c > 0x7F; }},
    {"characters outside Latin-1", [](char32_t c) { return c > 0xFF; }},
    {"symbols", is_symbol, false},
}};

std::u32string without(std::u32string_view text, bool (*in_class)(char32_t)) {
  std::u32string result;
  std::copy_if(text.begin(), text.end(), std::back_inserter(result),
               [in_class](char32_t c) { return !in_class(c); });
  return result;
}

bool is_cut(const Comparison& texts) {
  return texts.written.starts_with(texts.read) || texts.written.ends_with(texts.read);
}

}  // namespace

Holds is_chars_replaced(const Comparison& texts) {
  if (std::none_of(texts.read.begin(), texts.read.end(), is_replacement)) return std::nullopt;
  if (!aligns(texts.written, texts.read)) return std::nullopt;
  return "characters came back as question marks, U+FFFD or boxes";
}

Holds is_chars_dropped(const Comparison& texts) {
  const std::size_t first = common_prefix(texts.written, texts.read);
  if (first == texts.written.size()) return std::nullopt;
  const char32_t dropped = texts.written[first];
  for (const CharacterClass& one : kClasses) {
    if (!one.holds(dropped) || (!one.may_be_a_cut && is_cut(texts))) continue;
    if (without(texts.written, one.holds) == texts.read) {
      return "all " + std::string(one.name) + " are gone";
    }
  }
  const std::u32string bare = to_nfc(without(to_nfd(texts.written), is_mark));
  if (bare == to_nfc(texts.read)) return "all accents and other marks are gone";

  if (is_letter_or_digit(dropped) || is_cut(texts)) return std::nullopt;
  std::u32string rest = texts.written;
  std::erase(rest, dropped);
  if (rest != texts.read) return std::nullopt;
  return "each " + name_of(dropped) + " is gone";
}

}  // namespace readback::probes
