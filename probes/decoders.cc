#include "probes/decoders.h"

#include <openssl/evp.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "embedded/entities.h"
#include "probes/unicode.h"

namespace readback::probes {
namespace {

constexpr std::size_t kLongestEntity = 12;  // "&thetasym;" and "&#x10FFFF;" fit

std::optional<char32_t> digit(char32_t c) {
  if (c >= U'0' && c <= U'9') return c - U'0';
  const char32_t lower = c | 0x20;
  if (lower >= U'a' && lower <= U'f') return lower - U'a' + 10;
  return std::nullopt;
}

// All of `text` as a number; nullopt if it is none, or no code point.
std::optional<char32_t> parse_code_point(std::u32string_view text, char32_t radix) {
  if (text.empty()) return std::nullopt;
  char32_t value = 0;
  for (const char32_t c : text) {
    const auto next = digit(c);
    if (!next || *next >= radix) return std::nullopt;
    value = value * radix + *next;
    if (value > 0x10FFFF) return std::nullopt;
  }
  return value;
}

bool is_scalar_value(char32_t c) {
  return c < 0xD800 || c > 0xDFFF;
}

std::optional<char32_t> named_entity(std::u32string_view name) {
  static const nlohmann::json names = nlohmann::json::parse(embedded::entities);
  const auto found = names.find(encode_utf8(name));
  if (found == names.end()) return std::nullopt;
  return found->get<char32_t>();
}

std::optional<Escape> html_at(std::u32string_view text) {
  const std::size_t end = text.substr(0, kLongestEntity).find(U';');
  if (text.front() != U'&' || end == std::u32string_view::npos) return std::nullopt;
  const std::u32string_view name = text.substr(1, end - 1);
  std::optional<char32_t> meaning;
  if (name.starts_with(U"#x") || name.starts_with(U"#X")) {
    meaning = parse_code_point(name.substr(2), 16);
  } else if (name.starts_with(U"#")) {
    meaning = parse_code_point(name.substr(1), 10);
  } else {
    meaning = named_entity(name);
  }
  if (!meaning || !is_scalar_value(*meaning)) return std::nullopt;
  return Escape{end + 1, {*meaning}};
}

// Bytes written as `mark` and two hexadecimal digits, as many as one code point of UTF-8 takes.
std::optional<Escape> bytes_at(std::u32string_view text, char32_t mark) {
  std::string bytes;
  for (std::size_t at = 0; at + 2 < text.size() && text[at] == mark && bytes.size() < 4; at += 3) {
    const auto byte = parse_code_point(text.substr(at + 1, 2), 16);
    if (!byte) return std::nullopt;
    bytes.push_back(static_cast<char>(*byte));
    if (is_utf8(bytes)) return Escape{at + 3, decode_utf8(bytes)};
  }
  return std::nullopt;
}

std::optional<Escape> percent_at(std::u32string_view text) {
  return bytes_at(text, U'%');
}

std::optional<Escape> form_at(std::u32string_view text) {
  if (text.front() == U'+') return Escape{1, U" "};
  return bytes_at(text, U'%');
}

std::optional<Escape> quoted_printable_at(std::u32string_view text) {
  if (text.starts_with(U"=\r\n")) return Escape{3, U""};
  if (text.starts_with(U"=\n")) return Escape{2, U""};
  return bytes_at(text, U'=');
}

std::optional<Escape> unicode_escape_at(std::u32string_view text) {
  const auto unit = text.size() < 6 ? std::nullopt : parse_code_point(text.substr(2, 4), 16);
  if (!unit) return std::nullopt;
  if (is_scalar_value(*unit)) return Escape{6, {*unit}};
  if (*unit > 0xDBFF || text.size() < 12 || !text.substr(6).starts_with(U"\\u"))
    return std::nullopt;
  const auto low = parse_code_point(text.substr(8, 4), 16);
  if (!low || *low < 0xDC00 || *low > 0xDFFF) return std::nullopt;
  return Escape{12, {0x10000 + (*unit - 0xD800) * 0x400 + (*low - 0xDC00)}};
}

std::optional<Escape> backslash_at(std::u32string_view text) {
  static constexpr std::u32string_view kLetters = U"nrtbfv0\\'\"/";
  static constexpr std::u32string_view kMeanings(U"\n\r\t\b\f\v\0\\'\"/", 11);
  if (text.size() < 2) return std::nullopt;
  const auto letter = kLetters.find(text[1]);
  if (letter != std::u32string_view::npos) return Escape{2, {kMeanings[letter]}};
  if (text[1] == U'u') return unicode_escape_at(text);
  if (text[1] == U'x' && text.size() >= 4) {
    const auto meaning = parse_code_point(text.substr(2, 2), 16);
    if (meaning) return Escape{4, {*meaning}};
  }
  return std::nullopt;
}

// As PHP's stripslashes, and a shell.
std::optional<Escape> dropped_backslash_at(std::u32string_view text) {
  if (text.size() < 2) return std::nullopt;
  return Escape{2, {text[1]}};
}

std::optional<Escape> doubled_quote_at(std::u32string_view text) {
  if (text.size() < 2 || text[0] != text[1]) return std::nullopt;
  return Escape{2, {text[0]}};
}

std::optional<std::u32string> decode_json(std::u32string_view text) {
  if (text.size() < 2 || text.front() != U'"' || text.back() != U'"') return std::nullopt;
  const auto parsed = nlohmann::json::parse(encode_utf8(text), nullptr, false);
  if (!parsed.is_string()) return std::nullopt;
  return decode_utf8(parsed.get_ref<const std::string&>());
}

// Quotes around, and each one inside doubled.
std::optional<std::u32string> unquote(std::u32string_view text, char32_t quote) {
  if (text.size() < 2 || text.front() != quote || text.back() != quote) return std::nullopt;
  const std::u32string_view inner = text.substr(1, text.size() - 2);
  std::u32string result;
  for (std::size_t at = 0; at < inner.size(); ++at) {
    const bool is_quote = inner[at] == quote;
    if (is_quote && (at + 1 == inner.size() || inner[at + 1] != quote)) return std::nullopt;
    result.push_back(inner[at]);
    if (is_quote) ++at;
  }
  return result;
}

std::optional<std::u32string> decode_csv(std::u32string_view text) {
  return unquote(text, U'"');
}

std::optional<std::u32string> decode_sql(std::u32string_view text) {
  return unquote(text, U'\'');
}

std::optional<std::u32string> decode_base64(std::u32string_view text) {
  std::string source;
  for (const char32_t c : text) {
    if (c == U'\r' || c == U'\n') continue;
    if (c >= 0x80) return std::nullopt;
    source.push_back(static_cast<char>(c));
  }
  if (source.empty() || source.size() % 4 != 0) return std::nullopt;
  std::string bytes(source.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(source.data()),
                                   static_cast<int>(source.size()));
  if (size < 0) return std::nullopt;
  const auto padding = std::count(source.end() - 2, source.end(), '=');
  bytes.resize(static_cast<std::size_t>(size - padding));  // OpenSSL counts the padding as bytes.
  if (!is_utf8(bytes)) return std::nullopt;
  return decode_utf8(bytes);
}

}  // namespace

const std::array<SequenceDecoder, 8> kSequenceDecoders{{
    {"HTML", U"&", html_at, true},
    {"percent", U"%", percent_at, true},
    {"form", U"%+", form_at, true},
    {"backslashes", U"\\", backslash_at, true},
    {"dropped backslashes", U"\\", dropped_backslash_at, false},
    {"doubled quotes", U"'", doubled_quote_at, false},
    {"doubled quotes", U"\"", doubled_quote_at, false},
    {"quoted-printable", U"=", quoted_printable_at, false},
}};

const std::array<WholeDecoder, 4> kWholeDecoders{{
    {"JSON", decode_json},
    {"CSV", decode_csv},
    {"SQL", decode_sql},
    {"base64", decode_base64},
}};

std::u32string decode(const SequenceDecoder& decoder, std::u32string_view text) {
  std::u32string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const bool may_begin = decoder.marks.find(text.front()) != std::u32string_view::npos;
    const auto escape = may_begin ? decoder.escape_at(text) : std::nullopt;
    if (escape) {
      result += escape->meaning;
      text.remove_prefix(escape->length);
    } else {
      result.push_back(text.front());
      text.remove_prefix(1);
    }
  }
  return result;
}

}  // namespace readback::probes
