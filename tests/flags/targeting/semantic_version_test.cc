#include "flags/targeting/semantic_version.h"

#include <doctest/doctest.h>

namespace readback::flags::targeting {

TEST_SUITE("flags/targeting/semantic_version") {
  // The order is section 11's own example, with what lies around it.
  TEST_CASE("versions stand in the order of the standard") {
    const char* const kGrowing[] = {"0.9.9",
                                    "1.0.0-1",
                                    "1.0.0-2",
                                    "1.0.0-10",
                                    "1.0.0-alpha",
                                    "1.0.0-alpha.1",
                                    "1.0.0-alpha.beta",
                                    "1.0.0-beta",
                                    "1.0.0-beta.2",
                                    "1.0.0-beta.11",
                                    "1.0.0-rc.1",
                                    "1.0.0",
                                    "1.0.1",
                                    "1.2",
                                    "1.10.0",
                                    "2",
                                    "9007199254740991.0.0"};
    const std::size_t count = std::size(kGrowing);
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < count; ++j) {
        CAPTURE(kGrowing[i]);
        CAPTURE(kGrowing[j]);
        CHECK(precedence(*parse_version(kGrowing[i]), *parse_version(kGrowing[j])) == (i <=> j));
      }
    }
  }

  TEST_CASE("what is read, and as what") {
    for (const char* text : {"1.2.3", "v1.2.3", "V1.2.3", "vv1.2.3", "1.2.3+b.007", "1.2.3+-"}) {
      CAPTURE(text);
      const auto version = parse_version(text);
      REQUIRE(version.has_value());
      CHECK(precedence(*version, {1, 2, 3, {}}) == 0);
    }
    CHECK(precedence(*parse_version("1"), {1, 0, 0, {}}) == 0);
    CHECK(precedence(*parse_version("v1.2"), {1, 2, 0, {}}) == 0);
  }

  TEST_CASE("what is no version") {
    for (const char* text :
         {"",          "v",      "a",      "1.",       ".1",         "1..2",
          "1.2.3.4",   "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3-a..b", "1.2.3+",
          "1.2.3+a+b", "1.2-rc", "1.2+b",  "-1",       "1.2.x",      "9007199254740992.0.0",
          "1,2",       "vv1",    "latest"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_version(text).has_value());
    }
    CHECK_FALSE(parse_version(std::string(300, '1')).has_value());
  }
}

}  // namespace readback::flags::targeting
