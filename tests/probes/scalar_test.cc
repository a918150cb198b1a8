#include "probes/scalar.h"

#include <doctest/doctest.h>

#include <string>

namespace readback::probes {

TEST_SUITE("probes/scalar") {
  TEST_CASE("one number, date or truth value in two spellings is the same") {
    const struct {
      const char *one, *other;
      bool same;
    } kTable[] = {
        {"007", "7", true},
        {"1.50", "1.5", true},
        {"1,5", "1.5", true},
        {"1,000", "1000", true},
        {"1 234 567", "1234567", true},
        {"1\u202F000", "1000", true},
        {"1e3", "1000", true},
        {"0x10", "16", true},
        {"-0", "0", true},
        {"inf", "Infinity", true},
        {" 7 ", "7", true},
        {"12345678901234567890", "12345678901234567891", true},  // one double
        {"true", "1", true},
        {"oui", "yes", true},
        {"2024-03-05", "2024-03-05 00:00:00", true},
        {"2024-03-05", "2024-03-05T00:00:00.000Z", true},
        {"2024-03-05", "05.03.2024", true},
        {"05/03/2024", "2024-03-05", true},
        {"03/05/2024", "2024-03-05", true},
        {"2024-03-05", "45356", true},  // a spreadsheet's day; 5 March 2024 by LibreOffice
        {"2024-03-05T10:30", "2024-03-05T10:30:00Z", true},
        {"7", "8", false},
        {"7", "", false},
        {"", "", false},
        {"7 mg", "7", false},
        {"1,00", "100", false},
        {"1e999", "1e998", false},
        {"true", "false", false},
        {"true", "vraiment", false},
        {"2024-03-05", "2024-03-06", false},
        {"2024-03-05", "2024-03-05T10:30:00", false},
        {"2024-02-30", "2024-02-30 00:00:00", false},
        {"2024-03-05 late", "2024-03-05", false},
        {"45356", "45357", false},
        {"note", "note", false},
    };
    for (const auto& [one, other, same] : kTable) {
      CAPTURE(one);
      CAPTURE(other);
      CHECK(is_same_scalar(one, other) == same);
      CHECK(is_same_scalar(other, one) == same);
    }
    const std::string long_number = std::string(70, '0') + "7";
    CHECK_FALSE(is_same_scalar(long_number, "7"));
  }
}

}  // namespace readback::probes
