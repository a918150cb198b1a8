#include "guard/evidence/window_table.h"

#include <doctest/doctest.h>

#include <cmath>

namespace readback::guard {
namespace {

// P(ever), exactly, by going through all sequences of `probes` probes of rate p.
double chance_of_crossing(const WindowCounts& counts, const std::vector<Window>& from_start,
                          const std::vector<Window>& sliding, unsigned probes, double p) {
  if (probes == 0) return 0;
  WindowCounts ok = counts, failing = counts;
  ok.oks(1);
  const bool crosses = failing.fail(from_start, sliding).has_value();
  return (1 - p) * chance_of_crossing(ok, from_start, sliding, probes - 1, p) +
         p * (crosses ? 1 : chance_of_crossing(failing, from_start, sliding, probes - 1, p));
}

}  // namespace

TEST_SUITE("guard/evidence/window_table") {
  TEST_CASE("the windows of one stream, alpha = p0 = 1e-6, horizon 1e6") {
    // By another hand: python3, fractions.Fraction, the largest n whose tail is within its part of
    // 1e-6 / 4.
    const auto from_start = windows_from_start(1e-6, 0.25e-6, kFromStart, 1'000'000);
    const auto sliding = windows_sliding(1e-6, 0.25e-6, kSliding, 1'000'000);
    REQUIRE(from_start.size() >= 2);
    CHECK(from_start[0] == Window{2, 633});
    REQUIRE(sliding.size() >= 2);
    CHECK(sliding[0] == Window{3, 549});
    CHECK(bound_from_start(1e-6, from_start) <= 0.25e-6);
    CHECK(bound_from_start(1e-6, from_start) > 0.24e-6);
    CHECK(bound_sliding(1e-6, sliding, 1'000'000) <= 0.25e-6);
    CHECK(bound_sliding(1e-6, sliding, 1'000'000) > 0.24e-6);
  }

  TEST_CASE("one probe more would be over its part") {
    const double p0 = 1e-3, level = 1e-3;
    double part = 0.8;
    for (const Window& window : windows_from_start(p0, level, kFromStart, 1'000'000)) {
      CHECK(binomial_tail(window.probes, p0, window.failures) <= level * part);
      CHECK(binomial_tail(window.probes + 1, p0, window.failures) > level * part);
      part *= 0.2;
    }
  }

  TEST_CASE("a tail is the sum of what it is made of") {
    for (const unsigned k : {1U, 2U, 5U}) {
      const double p = 0.01;
      const int n = 40;
      double sum = 0;
      for (int i = static_cast<int>(k); i <= n; ++i)
        sum += std::exp(std::lgamma(n + 1) - std::lgamma(i + 1) - std::lgamma(n - i + 1)) *
               std::pow(p, i) * std::pow(1 - p, n - i);
      CHECK(binomial_tail(n, p, k) == doctest::Approx(sum).epsilon(1e-11));
    }
    CHECK(binomial_tail(3, 0.5, 0) == 1);
    CHECK(binomial_tail(3, 0.5, 4) == 0);
  }

  TEST_CASE("it ever crosses with at most the chance that it prints") {
    const double p0 = 0.03;
    const unsigned horizon = 18;
    for (const double level : {0.02, 0.1, 0.3}) {
      const auto from_start = windows_from_start(p0, level, kFromStart, horizon);
      const auto sliding = windows_sliding(p0, level, kSliding, horizon);
      CAPTURE(level);
      REQUIRE_FALSE(from_start.empty());
      const double alone = chance_of_crossing({}, from_start, {}, horizon, p0);
      CHECK(alone <= bound_from_start(p0, from_start));
      CHECK(alone > 0.3 * bound_from_start(p0, from_start));
      CHECK(chance_of_crossing({}, {}, sliding, horizon, p0) <=
            bound_sliding(p0, sliding, horizon));
      CHECK(chance_of_crossing({}, from_start, sliding, horizon, p0) <= 2 * level);
      // And more than that at a rate twice as high: the check can fail.
      CHECK(chance_of_crossing({}, from_start, {}, horizon, 4 * p0) > level);
    }
  }

  TEST_CASE("which failure completes which window") {
    const std::vector<Window> from_start{{2, 10}, {3, 30}}, sliding{{3, 5}, {4, 50}};
    WindowCounts counts;
    CHECK_FALSE(counts.fail(from_start, sliding));
    counts.oks(8);
    WindowCounts other = counts;
    CHECK(other.fail(from_start, sliding) == Window{2, 10});
    counts.oks(1);
    CHECK_FALSE(counts.fail(from_start, sliding));  // the 11th
    other = counts;
    CHECK(other.fail(from_start, sliding) == Window{3, 30});
    counts.oks(20);
    CHECK_FALSE(counts.fail(from_start, sliding));  // the 32nd: 3 within 32
    counts.oks(17);
    other = counts;
    CHECK(other.fail(from_start, sliding) == Window{4, 50});  // the 50th: 1 to 50
    counts.oks(1);
    CHECK_FALSE(counts.fail(from_start, sliding));  // the 51st
    counts.oks(2);
    CHECK_FALSE(counts.fail({}, {{3, 5}}));
  }

  TEST_CASE("what fails together counts as one failure and as all of its probes") {
    const std::vector<Window> from_start{{2, 10}};
    WindowCounts counts;
    CHECK_FALSE(counts.fail(from_start, {}, 5));
    WindowCounts other = counts;
    CHECK(other.fail(from_start, {}, 5) == Window{2, 10});
    CHECK_FALSE(counts.fail(from_start, {}, 6));
    const std::vector<Window> sliding{{2, 10}};
    WindowCounts slides;
    slides.oks(100);
    CHECK_FALSE(slides.fail({}, sliding, 5));
    other = slides;
    CHECK(other.fail({}, sliding, 5) == Window{2, 10});
    slides.oks(1);
    CHECK_FALSE(slides.fail({}, sliding, 5));
  }

  TEST_CASE("a snapshot goes on equal") {
    WindowCounts counts;
    counts.oks(7);
    counts.fail({}, {{3, 5}}, 2);
    counts.fail({}, {{3, 5}});
    const auto restored = WindowCounts::restore(nlohmann::json::parse(counts.snapshot().dump()));
    REQUIRE(restored);
    CHECK(*restored == counts);
    for (const char* broken : {"null", "{}", R"({"probes": -1, "failures": 0, "began": []})",
                               R"({"probes": 1, "failures": 0, "began": ["x"]})"})
      CHECK_FALSE(WindowCounts::restore(nlohmann::json::parse(broken)));
  }
}

}  // namespace readback::guard
