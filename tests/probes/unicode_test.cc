#include "probes/unicode.h"

#include <doctest/doctest.h>

namespace readback::probes {

TEST_SUITE("probes/unicode") {
  TEST_CASE("well-formed UTF-8 survives decoding, the rest becomes U+FFFD") {
    for (const char* text : {"", "abc", "\u00E9t\u00E9", "\U0001F418", "\uFEFFa", "\uFFFE"}) {
      CHECK(is_utf8(text));
      CHECK(encode_utf8(decode_utf8(text)) == text);
    }
    const std::string with_nul("a\0b", 3);
    CHECK(encode_utf8(decode_utf8(with_nul)) == with_nul);
    for (const char* text : {"\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "a\xFF"}) {
      CAPTURE(text);
      CHECK_FALSE(is_utf8(text));
      CHECK(decode_utf8(text).find(U'\uFFFD') != std::u32string::npos);
      CHECK(is_utf8(encode_utf8(decode_utf8(text))));
    }
  }

  TEST_CASE("a text is recoded whole or not at all") {
    CHECK(recode(U"\u00E9", "UTF-8", "windows-1252") == U"\u00C3\u00A9");
    CHECK(recode(U"\u00C3\u00A9", "windows-1252", "UTF-8") == U"\u00E9");
    CHECK_FALSE(recode(U"\u4F60", "windows-1252", "UTF-8").has_value());    // does not fit
    CHECK_FALSE(recode(U"\u00E9", "windows-1252", "UTF-8").has_value());    // is not UTF-8
    CHECK_FALSE(recode(U"a\u200Db", "windows-1252", "UTF-8").has_value());  // would drop the joiner
    CHECK(recode(U"", "UTF-8", "UTF-16LE") == U"");
  }

  TEST_CASE("code points are named, and what shows is told from what does not") {
    CHECK(name_of(U'\u00A0') == "U+00A0 NO-BREAK SPACE");
    CHECK(name_of(U'\U0001F418') == "U+1F418 ELEPHANT");
    CHECK(name_of(U'\a') == "U+0007 <control-0007>");
    for (const char32_t c : {U'a', U'.', U'\u4F60', U'\U0001F418', U'\uE000', U'\u0301'}) {
      CHECK(is_visible(c));
    }
    for (const char32_t c : {U' ', U'\u00A0', U'\u202F', U'\u200B', U'\uFEFF', U'\0', U'\u00AD'}) {
      CHECK_FALSE(is_visible(c));
    }
  }
}

}  // namespace readback::probes
