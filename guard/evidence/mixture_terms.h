#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What a restart mixture (restart_mixture.h) bets on: a grid of rates of loss, their weights, and
// when its capital is staked.
//
// Values; pure; safe from any thread.

namespace readback::guard {

// How the capital 1 is staked. at_start / (1 - step_ratio) + evenly <= 1.
struct Spending {
  double at_start = 0.25;
  double step_ratio = 0.5;            // of what the step before got; the first after the start: 1/8
  double evenly = 0.5;                // over the horizon
  std::uint64_t horizon = 1'000'000;  // probes
  friend bool operator==(const Spending&, const Spending&) = default;
};

struct MixtureParameters {
  double p0 = 1e-5;               // in [1e-12, 0.1]
  std::vector<double> grid{};     // rates over p0, to 1; empty: the default for p0
  std::vector<double> weights{};  // one each, positive; are scaled to a sum of 1
  Spending spending{};
  bool boost = true;
};

// On a noisy platform a loss takes a dozen failures to be told from the noise, so there the spread
// of the capital costs more than the distance of the grid, and windows of few failures are of no
// use.
bool is_noisy(double p0);  // from 5e-5

// Quiet: 1/4 at the start, 1/8, 1/16, ... at the steps, 1/2 over the horizon. Noisy: 1/2, 1/8,
// 1/32, ... and 1/3. Measured at alpha 1e-6 and p >= 5 p0, the first takes up to 1.26 times the
// probes of a test that is told p, the second at most 1.15 times.
Spending default_spending(double p0, std::uint64_t horizon);

// Log-spaced rates to 1 with 98 % of the weight, 8 from 1.5 p0 to the first of them with 2 %.
// Quiet: 16 from 1e-3, equal weights. Noisy: 24 from 3 p0, weights in proportion to p^-0.2.
void set_default_grid(MixtureParameters& parameters);

// Why `parameters` can't be used, as one clause; nothing if they can.
std::optional<std::string> fault_of(const MixtureParameters& parameters);

// What follows from the parameters, derived once and shared by all streams.
class MixtureTerms {
 public:
  // Asserts that fault_of() finds none.
  explicit MixtureTerms(MixtureParameters parameters);
  const MixtureParameters& parameters() const { return parameters_; }
  std::size_t size() const { return points_.size(); }

  // A rate p of the grid, and what it makes of each outcome.
  struct Point {
    double weight;
    double up;    // p / p0
    double down;  // (1 - p) / (1 - p0)
    double gap;   // 1 - down
    double log_weight;
    double log_up;
    double log_down;  // minus infinity for p = 1
    double log_gap;
  };
  const std::vector<Point>& points() const { return points_; }
  // What each probe within the horizon stakes of the capital 1.
  double even() const { return even_; }
  double log_even() const { return log_even_; }

 private:
  MixtureParameters parameters_;
  std::vector<Point> points_;
  double even_ = 0;
  double log_even_ = 0;
};

}  // namespace readback::guard
