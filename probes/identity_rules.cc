#include <algorithm>
#include <set>

#include "probes/comparison.h"
#include "probes/markup.h"
#include "probes/token.h"
#include "probes/unicode.h"

namespace readback::probes {
namespace {

constexpr std::size_t kShortestNonce = 6;  // code points, for nonces that are not tokens

using Nonces = std::set<std::u32string>;

// The text's tokens, lower case.
Nonces tokens_of(std::u32string_view text) {
  Nonces found;
  for (const std::string& token : find_tokens(encode_utf8(text))) found.insert(decode_utf8(token));
  return found;
}

// Words of letters and digits that have both: what people use who make texts of their own.
Nonces words_of(std::u32string_view text) {
  Nonces found;
  std::u32string word;
  const auto end_word = [&] {
    const auto digits =
        std::count_if(word.begin(), word.end(), [](char32_t c) { return c >= U'0' && c <= U'9'; });
    const auto length = static_cast<std::ptrdiff_t>(word.size());
    if (word.size() >= kShortestNonce && digits > 0 && digits < length) found.insert(word);
    word.clear();
  };
  for (const char32_t c : text) {
    if (is_letter_or_digit(c)) {
      word.push_back(c);
    } else {
      end_word();
    }
  }
  end_word();
  return found;
}

bool shares_any(const Nonces& some, const Nonces& others, const Nonces& own) {
  return std::any_of(some.begin(), some.end(), [&](const std::u32string& nonce) {
    return others.contains(nonce) && !own.contains(nonce);
  });
}

// This record's own: of the text written, of the one before, of those of other sessions.
Nonces own_nonces(const Comparison& texts, Nonces (*nonces_of)(std::u32string_view)) {
  Nonces own = nonces_of(texts.written);
  if (texts.previous) own.merge(nonces_of(*texts.previous));
  for (const auto& text : texts.concurrent) own.merge(nonces_of(text));
  return own;
}

}  // namespace

Holds is_stale(const Comparison& texts) {
  if (texts.read != texts.previous) return std::nullopt;
  return "the field still holds what it held before the write";
}

Holds is_superseded(const Comparison& texts) {
  const auto& all = texts.concurrent;
  if (std::find(all.begin(), all.end(), texts.read) == all.end()) return std::nullopt;
  return "the field holds what another session wrote";
}

Holds is_emptied(const Comparison& texts) {
  if (std::none_of(texts.written.begin(), texts.written.end(), is_visible)) return std::nullopt;
  if (shows_anything(texts.read)) return std::nullopt;
  return texts.read.empty() ? "the field is empty" : "the field holds nothing visible";
}

Holds is_foreign(const Comparison& texts) {
  const bool holds_own = !texts.written.empty() && count_of(texts.written, texts.read) > 0;
  if (holds_own) return std::nullopt;
  const auto& all = texts.others;
  if (std::find(all.begin(), all.end(), texts.read) != all.end()) {
    return "the field holds the text of another record, field or arm";
  }
  const Nonces read_tokens = tokens_of(texts.read);
  if (shares_any(read_tokens, read_tokens, own_nonces(texts, tokens_of))) {
    return "the field carries the token of another record, field or arm";
  }
  Nonces of_others;
  for (const auto& text : texts.others) of_others.merge(words_of(text));
  if (shares_any(words_of(texts.read), of_others, own_nonces(texts, words_of))) {
    return "the field carries a nonce of another record, field or arm";
  }
  return std::nullopt;
}

}  // namespace readback::probes
