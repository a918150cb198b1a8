#include "probes/escaping.h"

#include <doctest/doctest.h>

#include <string>

namespace readback::probes {

TEST_SUITE("probes/escaping") {
  TEST_CASE("the decodings that lead from one text to the other are named, fewest first") {
    const struct {
      std::u32string_view encoded, plain;
      std::string_view words;
    } kTable[] = {
        {U"a &lt; b", U"a < b", "HTML"},
        {U"a &amp;lt; b", U"a < b", "HTML twice"},
        {U"&amp;amp;amp;amp;", U"&", "HTML four times"},
        {U"a%26lt%3Bb", U"a<b", "percent, then HTML"},
        {U"a+b", U"a b", "form"},
        {U"\"a\\nb\"", U"a\nb", "JSON"},
        {U"a\\nb", U"a\nb", "backslashes"},
        {U"a\\qb", U"aqb", "dropped backslashes"},
        {U"it''s", U"it's", "doubled quotes"},
        {U"'it''s'", U"it's", "SQL"},
        {U"\"a \"\"b\"\"\"", U"a \"b\"", "CSV"},
        {U"caf=C3=A9", U"caf\u00E9", "quoted-printable"},
        {U"bm90ZQ==", U"note", "base64"},
        {U"x &lt; &amp; y", U"x < &amp; y", "HTML"},  // it spared what looked encoded
    };
    for (const auto& [encoded, plain, words] : kTable) {
      CAPTURE(words);
      const auto found = find_decoding(encoded, plain);
      CHECK(found.has_value());
      CHECK(found.value_or("") == words);
    }
  }

  TEST_CASE("what is no decoding is refused") {
    const struct {
      std::u32string_view encoded, plain;
    } kTable[] = {
        {U"", U"a"},
        {U"a", U"b"},
        {U"&lt", U"<"},
        {U"&nosuch;", U"x"},
        {U"&#xD800;", U"\uFFFD"},
        {U"&#99999999;", U"x"},
        {U"%G1", U"x"},
        {U"%C3", U"\u00C3"},
        {U"\"a", U"a"},
        {U"\"a\"b\"", U"a\"b"},
        {U"bm90Z", U"note"},
        {U"=C3", U"\u00C3"},
        {U"&amp;amp;amp;amp;amp;", U"&"},  // five times
        {U"a &lt; b!", U"a < b"},
    };
    for (const auto& [encoded, plain] : kTable) {
      CHECK_FALSE(find_decoding(encoded, plain).has_value());
    }
  }
}

}  // namespace readback::probes
