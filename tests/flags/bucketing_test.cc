#include "flags/bucketing.h"

#include <doctest/doctest.h>

#include <string>

namespace readback::flags {
namespace {

std::string practitioner(int number) {
  return "practitioner-" + std::to_string(number);
}

}  // namespace

TEST_SUITE("flags/bucketing") {
  TEST_CASE("a share is read exactly, or refused with a reason") {
    CHECK(parse_share("0%").value() == kNobody);
    CHECK(parse_share("0.01 %").value() == Share{100});
    CHECK(parse_share("1.3 %").value() == Share{13'000});
    CHECK(parse_share("100 %").value() == kEverybody);
    for (const char* text : {"", "%", "1.3", ".5 %", "-1 %", "1e1 %", "0x1 %", "1,3 %", "1.2.3 %",
                             "0.00001 %", "100.0001 %", "99999999999 %", "\xC2\xA0 5 %"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_share(text).has_value());
    }
    CHECK(parse_share("0.00001 %").error().what == "\"0.00001 %\" is finer than 0.0001 %");
  }

  TEST_CASE("places are pinned: a new release must not move anybody") {
    // By another hand: int.from_bytes(hashlib.sha256(b"flag\0id").digest()[:8], "big") % 10**6
    CHECK(place("notes-editor-v2", "practitioner-1") == 602048);
    CHECK(place("notes-editor-v2", "practitioner-2") == 334396);
    CHECK(place("", "") == 783192);
  }

  TEST_CASE("who is in at a share is in at every larger one") {
    for (int number = 0; number < 2'000; ++number) {
      const std::string id = practitioner(number);
      bool was_in = false;
      for (std::uint32_t ppm = 0; ppm <= kEverybody.ppm; ppm += 50'000) {
        const bool in = is_in("notes-editor-v2", id, Share{ppm});
        CHECK((in || !was_in));
        was_in = in;
      }
      CHECK(was_in);
    }
  }

  TEST_CASE("a share takes its part, and two flags take independent parts") {
    int first = 0, both = 0;
    for (int number = 0; number < 100'000; ++number) {
      const std::string id = practitioner(number);
      const bool in = is_in("notes-editor-v2", id, Share{100'000});
      first += in;
      both += in && is_in("new-calendar", id, Share{100'000});
    }
    // Six standard deviations of the binomial; the ids are fixed, so this cannot flake.
    CHECK(first == doctest::Approx(10'000).epsilon(0.057));
    CHECK(both == doctest::Approx(1'000).epsilon(0.189));
  }
}

}  // namespace readback::flags
