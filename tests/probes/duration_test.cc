#include "probes/duration.h"

#include <doctest/doctest.h>

using namespace readback::probes;
using namespace std::chrono_literals;

TEST_SUITE("probes/duration") {
  TEST_CASE("a duration is a whole number and its unit, or refused") {
    struct Row {
      const char* text;
      std::chrono::milliseconds time;
      const char* again;
    };
    const Row right[] = {
        {"250 ms", 250ms, "250 ms"}, {"2 s", 2s, "2 s"},
        {"2s", 2s, "2 s"},           {"0 s", 0s, "0 s"},
        {"60 s", 60s, "1 min"},      {"90 s", 90s, "90 s"},
        {"5 min", 5min, "5 min"},    {"1 h", 1h, "1 h"},
        {"366 d", 8784h, "366 d"},   {"1500 ms", 1500ms, "1500 ms"},
        {"24 h", 24h, "1 d"},
    };
    for (const auto& row : right) {
      CAPTURE(std::string(row.text));
      const auto time = parse_duration(row.text);
      REQUIRE(time.has_value());
      CHECK(*time == row.time);
      CHECK(format_duration(*time) == row.again);
    }
    for (const char* text : {"",
                             " ",
                             "2",
                             "s",
                             "-1 s",
                             "- 1 s",
                             "+1 s",
                             "1.5 s",
                             "1e3 s",
                             "2 S",
                             "2 sec",
                             "2 s ",
                             " 2 s",
                             "2\ts",
                             "0x10 s",
                             "0045 s",
                             "00 s",
                             "367 d",
                             "99999999999999999999 s",
                             "9223372036854775807 h"}) {
      CAPTURE(std::string(text));
      CHECK(parse_duration(text).has_error());
    }
  }
}
