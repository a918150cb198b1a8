#include "flags/targeting/number_text.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace readback::flags::targeting {

TEST_SUITE("flags/targeting/number_text") {
  // Expected: node -p 'String(X)'.
  TEST_CASE("a number is written as JavaScript does") {
    const struct {
      double number;
      const char* text;
    } kTable[] = {{0, "0"},
                  {-0.0, "0"},
                  {1, "1"},
                  {-17, "-17"},
                  {0.1, "0.1"},
                  {0.1 + 0.2, "0.30000000000000004"},
                  {-1.5, "-1.5"},
                  {123456.789, "123456.789"},
                  {1e-6, "0.000001"},
                  {1.5e-6, "0.0000015"},
                  {1e-7, "1e-7"},
                  {1.25e-9, "1.25e-9"},
                  {9007199254740992.0, "9007199254740992"},
                  {1e20, "100000000000000000000"},
                  {123456789012345680000.0, "123456789012345680000"},
                  {1e21, "1e+21"},
                  {-1.5e300, "-1.5e+300"},
                  {5e-324, "5e-324"},
                  {std::numeric_limits<double>::infinity(), "Infinity"}};
    for (const auto& each : kTable) CHECK(number_text(each.number) == each.text);
    CHECK(number_text(std::nan("")) == "NaN");
  }

  // Expected: node -p 'Number(X)'.
  TEST_CASE("a text is read as JavaScript does") {
    const struct {
      const char* text;
      double number;
    } kTable[] = {
        {"", 0},      {"  ", 0},  {" 12\n", 12},       {"+5", 5},     {"-5", -5},
        {".5", 0.5},  {"5.", 5},  {"1e2", 100},        {"0x1F", 31},  {"0b101", 5},
        {"0o17", 15}, {"007", 7}, {"1e400", HUGE_VAL}, {"1e-400", 0}, {"-Infinity", -HUGE_VAL}};
    for (const auto& each : kTable) {
      CAPTURE(each.text);
      REQUIRE(text_number(each.text).has_value());
      CHECK(*text_number(each.text) == each.number);
    }
  }

  TEST_CASE("a text that is no number is none") {
    for (const char* text : {"abc", "1a", "1 2", "--1", "+-1", "1,5", "0x", "0xg", "-0x1", "inf",
                             "nan", "infinity", "NaN", ".", "e5", "1_000", "\xc2\xa0"}) {
      CAPTURE(text);
      CHECK_FALSE(text_number(text).has_value());
    }
  }
}

}  // namespace readback::flags::targeting
