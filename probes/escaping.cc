#include "probes/escaping.h"

#include <algorithm>
#include <set>
#include <vector>

#include "probes/decoders.h"

namespace readback::probes {
namespace {

constexpr int kDeepest = 4;
// Code points decoded in one search. Ten times over the longest texts, thousands over short ones.
constexpr std::size_t kEffort = 2'000'000;
constexpr std::size_t kMostPlaces = 16;

struct Candidate {
  std::u32string text;
  std::vector<std::string_view> names;  // of the decoders so far
};

std::string in_words(const std::vector<std::string_view>& names) {
  if (std::equal(names.begin() + 1, names.end(), names.begin())) {
    static constexpr const char* kTimes[] = {"", " twice", " three times", " four times"};
    return std::string(names.front()) + kTimes[names.size() - 1];
  }
  std::string words;
  for (const std::string_view name : names) {
    if (!words.empty()) words += ", then ";
    words += name;
  }
  return words;
}

// Whether `plain` comes of decoding some of the sequences of `encoded`. Keeps every place in
// `plain` that may have been reached: a sequence may stand for what it means, or for itself.
bool decodes_in_part(const SequenceDecoder& decoder, std::u32string_view encoded,
                     std::u32string_view plain) {
  std::vector<std::set<std::size_t>> places(encoded.size() + 1);
  places[0].insert(0);
  std::size_t furthest = 0;
  for (std::size_t at = 0; at < encoded.size(); ++at) {
    if (at > furthest) return false;
    if (places[at].empty()) continue;
    const bool may_begin = decoder.marks.find(encoded[at]) != std::u32string_view::npos;
    const auto escape = may_begin ? decoder.escape_at(encoded.substr(at)) : std::nullopt;
    for (const std::size_t place : places[at]) {
      if (place < plain.size() && plain[place] == encoded[at]) {
        places[at + 1].insert(place + 1);
        furthest = std::max(furthest, at + 1);
      }
      if (escape && plain.substr(place).starts_with(escape->meaning)) {
        places[at + escape->length].insert(place + escape->meaning.size());
        furthest = std::max(furthest, at + escape->length);
      }
    }
    if (places[at + 1].size() > kMostPlaces) return false;
    places[at].clear();
  }
  return places[encoded.size()].contains(plain.size());
}

// Breadth first, so that the fewest decodings are named.
class Search {
 public:
  Search(std::u32string_view encoded, std::u32string_view plain) : plain_(plain) {
    candidates_.push_back({std::u32string(encoded), {}});
    seen_.insert(candidates_.front().text);
  }

  std::optional<std::string> run() {
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const Candidate now = candidates_[i];
      if (now.names.size() == kDeepest) break;
      for (const SequenceDecoder& decoder : kSequenceDecoders) {
        if (now.text.find_first_of(decoder.marks) == std::u32string::npos) continue;
        if (!spend(now)) return std::nullopt;
        if (add(now, decoder.name, decode(decoder, now.text))) return found();
      }
      for (const WholeDecoder& decoder : kWholeDecoders) {
        auto decoded = decoder.decode(now.text);
        if (decoded && add(now, decoder.name, std::move(*decoded))) return found();
      }
      for (const SequenceDecoder& decoder : kSequenceDecoders) {
        if (!decoder.may_spare || now.text.find_first_of(decoder.marks) == std::u32string::npos) {
          continue;
        }
        if (!spend(now)) return std::nullopt;
        if (!decodes_in_part(decoder, now.text, plain_)) continue;
        auto names = now.names;
        names.push_back(decoder.name);
        return in_words(names);
      }
    }
    return std::nullopt;
  }

 private:
  bool spend(const Candidate& candidate) {
    spent_ += candidate.text.size() + 1;
    return spent_ <= kEffort;
  }

  // Whether it is the text that is looked for. No decoder makes a text longer.
  bool add(const Candidate& from, std::string_view name, std::u32string text) {
    if (text.size() < plain_.size() || !seen_.insert(text).second) return false;
    Candidate next{std::move(text), from.names};
    next.names.push_back(name);
    candidates_.push_back(std::move(next));
    return candidates_.back().text == plain_;
  }

  std::string found() const { return in_words(candidates_.back().names); }

  std::u32string_view plain_;
  std::vector<Candidate> candidates_;
  std::set<std::u32string> seen_;
  std::size_t spent_ = 0;
};

}  // namespace

std::optional<std::string> find_decoding(std::u32string_view encoded, std::u32string_view plain) {
  if (encoded.size() < plain.size()) return std::nullopt;
  return Search(encoded, plain).run();
}

std::u32string decode_html(std::u32string_view text) {
  return decode(kSequenceDecoders.front(), text);
}

}  // namespace readback::probes
