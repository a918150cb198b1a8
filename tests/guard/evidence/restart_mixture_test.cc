#include "guard/evidence/restart_mixture.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "guard/evidence/log_sum.h"

namespace readback::guard {
namespace {

constexpr double kNoLimit = 1e6;  // its logarithm, that is

MixtureParameters small(double p0 = 1e-3, bool boost = false) {
  MixtureParameters parameters;
  parameters.p0 = p0;
  parameters.grid = {0.01, 0.2, 1};
  parameters.weights = {0.5, 0.3, 0.2};
  parameters.spending.horizon = 50;
  parameters.boost = boost;
  return parameters;
}

// The definition: every start that ever was is kept, and multiplied by every factor since.
class EveryStart {
 public:
  explicit EveryStart(MixtureParameters parameters) : parameters_(std::move(parameters)) {
    stake(parameters_.spending.at_start);
  }
  void step() {
    ++steps_;
    stake(parameters_.spending.at_start * std::pow(parameters_.spending.step_ratio, steps_));
  }
  void probe(unsigned size, unsigned failed) {
    if (++probes_ <= parameters_.spending.horizon)
      stake(parameters_.spending.evenly / static_cast<double>(parameters_.spending.horizon));
    for (Start& start : starts_) {
      double sum = 0;
      for (unsigned i = 0; i < size; ++i)
        sum += i < failed ? start.p / parameters_.p0 : (1 - start.p) / (1 - parameters_.p0);
      start.capital *= sum / size;
    }
  }
  double log_e() const {
    double sum = 1 - staked_;
    for (const Start& start : starts_) sum += start.capital;
    return std::log(sum);
  }

 private:
  struct Start {
    double p;
    double capital;
  };
  void stake(double part) {
    staked_ += part;
    for (std::size_t i = 0; i < parameters_.grid.size(); ++i)
      starts_.push_back({parameters_.grid[i], part * parameters_.weights[i]});
  }
  MixtureParameters parameters_;
  std::vector<Start> starts_;
  double staked_ = 0;
  std::uint64_t probes_ = 0;
  int steps_ = 0;
};

// M summed over all sequences of `length` probes, weighted with their chance at rate `p`.
double mean(const MixtureTerms& terms, const RestartMixture& mixture, unsigned length, double p,
            unsigned size, double log_limit) {
  if (length == 0 || mixture.crosses())
    return std::min(std::exp(mixture.log_e(terms)), std::exp(log_limit));
  double sum = 0;
  RestartMixture ok = mixture, failing = mixture;
  ok.batch(terms, size, 0);
  // The worst dependence within a batch: never two together. Its chance of a failure is size * p.
  failing.batch(terms, size, 1);
  sum += (1 - size * p) * mean(terms, ok, length - 1, p, size, log_limit);
  sum += size * p * mean(terms, failing, length - 1, p, size, log_limit);
  return sum;
}

}  // namespace

TEST_SUITE("guard/evidence/restart_mixture") {
  TEST_CASE("it is the sum of all tests begun at all times") {
    std::mt19937_64 random(1);
    for (int trial = 0; trial < 40; ++trial) {
      const MixtureTerms terms(small());
      RestartMixture mixture(terms, kNoLimit);
      EveryStart every(small());
      for (int i = 0; i < 90; ++i) {  // past the horizon
        const unsigned size = 1 + static_cast<unsigned>(random() % 4);
        const unsigned failed = random() % 5 == 0 ? 1 + static_cast<unsigned>(random() % size) : 0;
        if (random() % 30 == 0) {
          mixture.step(terms);
          every.step();
        }
        mixture.batch(terms, size, failed);
        every.probe(size, failed);
        REQUIRE(mixture.log_e(terms) == doctest::Approx(every.log_e()).epsilon(1e-12));
      }
    }
  }

  TEST_CASE("a million oks in one step are a million steps, and rates do not underflow") {
    MixtureParameters parameters;
    parameters.spending.horizon = 700'000;  // passed on the way
    const MixtureTerms terms(parameters);
    RestartMixture once(terms, kNoLimit), one_by_one(terms, kNoLimit);
    once.oks(terms, 1'000'000);
    for (int i = 0; i < 1'000'000; ++i) one_by_one.oks(terms, 1);
    CHECK(once.log_e(terms) == one_by_one.log_e(terms));
    for (int i = 0; i < 3; ++i) {
      once.fail(terms);
      one_by_one.fail(terms);
      once.oks(terms, 10);
      for (int ok = 0; ok < 10; ++ok) one_by_one.oks(terms, 1);
    }
    CHECK(once.snapshot() == one_by_one.snapshot());
    CHECK(std::isfinite(once.log_e(terms)));
  }

  TEST_CASE("ten thousand failures in a row overflow nothing") {
    const MixtureTerms terms{MixtureParameters()};
    RestartMixture mixture(terms, std::log(1e6));
    for (int i = 0; i < 10'000; ++i) mixture.fail(terms);
    // p = 1 has .98/16 of the 1/4 staked at the start, and all of the factors 1e5.
    CHECK(mixture.log_e(terms) ==
          doctest::Approx(10'000 * std::log(1e5) + std::log(0.25 * 0.98 / 16)).epsilon(1e-9));
    mixture.oks(terms, 1);
    CHECK(std::isfinite(mixture.log_e(terms)));
  }

  TEST_CASE("its mean is 1 at p0 and no more below, whatever fails together") {
    for (const bool boost : {false, true}) {
      for (const unsigned size : {1U, 3U}) {
        MixtureParameters parameters = small(0.05 / size, boost);
        parameters.grid = {0.1, 0.3, 1};
        const MixtureTerms terms(parameters);
        // Low enough that some paths cross it, and that boost has something to win back.
        const double log_limit = std::log(4.0);
        const RestartMixture fresh(terms, boost ? log_limit : kNoLimit);
        const double at_p0 =
            mean(terms, fresh, 12, 0.05 / size, size, boost ? log_limit : kNoLimit);
        CAPTURE(boost);
        CAPTURE(size);
        CHECK(at_p0 <= 1 + 1e-12);
        if (!boost) CHECK(at_p0 == doctest::Approx(1).epsilon(1e-12));
        CHECK(mean(terms, fresh, 12, 0.02 / size, size, boost ? log_limit : kNoLimit) <= 1 + 1e-12);
      }
    }
  }

  TEST_CASE("boost is exact where single probes are capped at the limit") {
    MixtureParameters parameters = small(0.05, true);
    parameters.grid = {0.1, 0.3, 1};
    const MixtureTerms terms(parameters);
    const double log_limit = std::log(4.0);
    const RestartMixture fresh(terms, log_limit);
    CHECK(mean(terms, fresh, 12, 0.05, 1, log_limit) == doctest::Approx(1).epsilon(1e-9));
    parameters.boost = false;
    const MixtureTerms plain(parameters);
    CHECK(mean(plain, RestartMixture(plain, log_limit), 12, 0.05, 1, log_limit) < 0.99);
  }

  TEST_CASE("after a million healthy probes it takes 4 losses, and without restarts a dozen") {
    MixtureParameters parameters;
    parameters.p0 = 1e-6;
    const auto failures_to_cross = [](const MixtureParameters& with) {
      const MixtureTerms terms(with);
      RestartMixture mixture(terms, std::log(2e6));
      mixture.oks(terms, 1'000'000 - 100);
      int failures = 0;
      for (; !mixture.crosses(); ++failures) mixture.fail(terms);
      return failures;
    };
    CHECK(failures_to_cross(parameters) <= 4);
    parameters.spending = {.at_start = 1, .step_ratio = 0, .evenly = 0, .horizon = 1'000'000};
    parameters.grid = {1e-3, 1e-2, 1e-1, 0.5};
    CHECK(failures_to_cross(parameters) >= 12);
  }

  TEST_CASE("a snapshot goes on bit-equal, through text") {
    const MixtureTerms terms(small(0.005, true));
    std::mt19937_64 random(2);
    RestartMixture mixture(terms, std::log(50.0));
    for (int i = 0; i < 60; ++i) {
      if (random() % 8 == 0)
        mixture.fail(terms);
      else
        mixture.oks(terms, 1 + random() % 3);
      if (i == 20) mixture.step(terms);
      const auto text = mixture.snapshot().dump();
      const auto restored = RestartMixture::restore(terms, nlohmann::json::parse(text));
      REQUIRE(restored);
      REQUIRE(restored->snapshot().dump() == text);
      REQUIRE(restored->log_e(terms) == mixture.log_e(terms));
      REQUIRE(restored->takes_one_by_one() == mixture.takes_one_by_one());
      if (i % 7 == 0) mixture = *restored;
    }
    for (const char* broken : {"null", "[]", "{}", R"({"log_capital": [1, 2]})"})
      CHECK_FALSE(RestartMixture::restore(terms, nlohmann::json::parse(broken)));
  }

  TEST_CASE("what can't be meant is refused") {
    const auto refused = [](auto change) {
      MixtureParameters parameters = small();
      change(parameters);
      return fault_of(parameters).has_value();
    };
    CHECK_FALSE(refused([](MixtureParameters&) {}));
    CHECK(refused([](MixtureParameters& it) { it.p0 = 0; }));
    CHECK(refused([](MixtureParameters& it) { it.p0 = std::nan(""); }));
    CHECK(refused([](MixtureParameters& it) { it.grid[0] = it.p0; }));
    CHECK(refused([](MixtureParameters& it) { it.grid[0] = 1.5; }));
    CHECK(refused([](MixtureParameters& it) { it.weights.pop_back(); }));
    CHECK(refused([](MixtureParameters& it) { it.weights[0] = -1; }));
    CHECK(refused([](MixtureParameters& it) { it.spending.at_start = 0.3; }));
    CHECK(refused([](MixtureParameters& it) { it.spending.step_ratio = 1; }));
    CHECK(refused([](MixtureParameters& it) { it.spending.horizon = 0; }));
  }

  TEST_CASE("the default grid lies over p0 at every p0") {
    for (const double p0 : {1e-12, 1e-6, 1e-5, 3.4e-4, 1e-3, 0.05, 0.1}) {
      MixtureParameters parameters;
      parameters.p0 = p0;
      set_default_grid(parameters);
      CAPTURE(p0);
      CHECK_FALSE(fault_of(parameters));
      CHECK(parameters.grid.size() == (is_noisy(p0) ? 32 : 24));
      double sum = 0;
      for (const double weight : parameters.weights) sum += weight;
      CHECK(sum == doctest::Approx(1));
      CHECK_FALSE(fault_of(MixtureParameters{.p0 = p0, .spending = default_spending(p0, 1)}));
      CHECK(parameters.grid.back() == 1);
      CHECK(std::is_sorted(parameters.grid.begin(), parameters.grid.end()));
    }
  }

  TEST_CASE("rounding decides no verdict") {
    CHECK(reaches(5, 5));
    CHECK(reaches(5 - 0.9e-12, 5));
    CHECK_FALSE(reaches(5 - 1.2e-12, 5));
  }
}

}  // namespace readback::guard
