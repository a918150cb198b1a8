#include "guard/holder_words.h"

#include <doctest/doctest.h>

#include "guard/status_text.h"
#include "tests/guard/status_view.h"

namespace readback::guard {
namespace {
using namespace std::chrono_literals;

constexpr WallTime kNow{1'800'000'000'000};

}  // namespace

TEST_SUITE("guard/holder_words") {
  TEST_CASE("words tell who holds, who was told, who confirmed, and when the lease ends the rest") {
    CHECK(
        holder_words(to_json({3, 2, 11, 0, kNow + 45s}), kNow) ==
        "3 hold treatment, 2 were told and have not confirmed, 11 confirmed the safe variant; "
        "the lease ends the rest by 2027-01-15 08:00:45Z, in 45 s, plus the client's clock error");
    CHECK(holder_words(to_json(Holders::Tally{0, 0, 5, 2, {}}), kNow) ==
          "0 hold treatment, 0 were told and have not confirmed, 5 confirmed the safe variant, 2 "
          "never confirmed and their lease is over");
  }

  TEST_CASE("all have confirmed only if nobody holds and nobody is silent") {
    CHECK(are_all_confirmed(to_json(Holders::Tally{0, 0, 5, 1, {}})));
    CHECK_FALSE(are_all_confirmed(to_json({1, 0, 5, 0, kNow})));
    CHECK_FALSE(are_all_confirmed(to_json({0, 1, 5, 0, kNow})));
    CHECK(to_json(Holders::Tally{0, 0, 0, 0, {}}).at("until_ms").is_null());
  }

  TEST_CASE("status shows clients once there are any") {
    testing::Viewed viewed;
    viewed.start();
    const auto report = [&](const Holders::Tally& tally) {
      FlagView view = viewed.view();
      view.clients = tally;
      const flags::Moment now = viewed.driver.now();
      nlohmann::json flag = flag_status(view, now);
      CHECK(flag.at("clients").at("confirmed") == tally.confirmed);
      return status_text({{"at_ms", now.wall.count()},
                          {"reload", {{"faults", nlohmann::json::array()}}},
                          {"store_trouble", ""},
                          {"loop_late_ms", 0.0},
                          {"clock_jumps", nlohmann::json::array()},
                          {"unguarded", nlohmann::json::array()},
                          {"flags", {flag}},
                          {"next", flag.at("next")}},
                         "");
    };
    CHECK(report({}).find("clients") == std::string::npos);
    CHECK(report({0, 0, 1, 0, {}}).find("1 confirmed the safe variant") != std::string::npos);
  }
}

}  // namespace readback::guard
