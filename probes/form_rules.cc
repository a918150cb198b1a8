#include <algorithm>

#include "probes/charset.h"
#include "probes/comparison.h"
#include "probes/escaping.h"
#include "probes/markup.h"
#include "probes/scalar.h"
#include "probes/typography.h"
#include "probes/unicode.h"

namespace readback::probes {

Holds is_newline_changed(const Comparison& texts) {
  if (with_line_feeds(texts.written) != with_line_feeds(texts.read)) return std::nullopt;
  return "only the kind of line ends differs";
}

Holds is_edge_whitespace(const Comparison& texts) {
  const auto written = with_line_feeds(texts.written), read = with_line_feeds(texts.read);
  if (trim(written) != trim(read)) return std::nullopt;
  return "only blanks at the start or the end differ";
}

Holds is_whitespace_changed(const Comparison& texts) {
  if (without_blanks(texts.written) != without_blanks(texts.read)) return std::nullopt;
  return "only blanks differ";
}

Holds is_unicode_normalised(const Comparison& texts) {
  if (to_nfc(texts.written) == to_nfc(texts.read)) {
    return "the same text in another canonical form (same NFC)";
  }
  if (to_nfkc(texts.written) != to_nfkc(texts.read)) return std::nullopt;
  return "the same text only by compatibility (same NFKC), which can change its meaning";
}

Holds is_escaped(const Comparison& texts) {
  const auto decoding = find_decoding(texts.read, texts.written);
  if (!decoding) return std::nullopt;
  return "decoding what was read gives what was written: " + *decoding;
}

Holds is_unescaped(const Comparison& texts) {
  const auto decoding = find_decoding(texts.written, texts.read);
  if (!decoding) return std::nullopt;
  return "what was read is the written text decoded: " + *decoding;
}

Holds is_type_coerced(const Comparison& texts) {
  if (!is_same_scalar(encode_utf8(texts.written), encode_utf8(texts.read))) return std::nullopt;
  return "the same number, date or truth value, written differently";
}

Holds is_case_changed(const Comparison& texts) {
  if (fold_case(texts.written) != fold_case(texts.read)) return std::nullopt;
  return "only upper and lower case differ";
}

Holds is_typography_changed(const Comparison& texts) {
  if (fold_typography(texts.written) != fold_typography(texts.read)) return std::nullopt;
  return "only quotes, dashes, ellipses or signs differ";
}

Holds is_mojibake(const Comparison& texts) {
  const auto misreading = find_misreading(texts.written, texts.read);
  if (!misreading) return std::nullopt;
  return "bytes taken for another charset: " + *misreading;
}

Holds is_markup_rewritten(const Comparison& texts) {
  if (is_same_json(texts.written, texts.read)) return "the same JSON, written differently";
  if (normal_markup(texts.written) != normal_markup(texts.read)) return std::nullopt;
  // Paragraphs and line breaks that are gone leave the same normal form, but were stripped.
  if (has_tags(texts.written) && !has_tags(texts.read) && is_markup_stripped(texts)) {
    return std::nullopt;
  }
  return "the same markup, written differently";
}

Holds is_duplicated(const Comparison& texts) {
  const std::size_t count = count_of(texts.written, texts.read);
  if (count < 2) return std::nullopt;
  return "the written text is there " + std::to_string(count) + " times";
}

Holds is_extended(const Comparison& texts) {
  if (count_of(texts.written, texts.read) != 1) return std::nullopt;
  return "the written text is there whole, with other text around it";
}

}  // namespace readback::probes
