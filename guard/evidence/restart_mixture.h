#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

// Is anything lost, in one stream? A bet against "each probe fails with a chance of at most p0,
// whatever this stream has shown so far": a sum of likelihood ratios over a grid of rates p, begun
// at all times. M, the capital, starts at 1 and is a supermartingale there, so it ever reaches 1/a
// with a chance of at most a (Ville 1939), however often it is looked at. (Wald 1945; Robbins 1970;
// Shin, Ramdas, Rinaldo 2023 for the restarts; boost: Fischer, Ramdas, arXiv 2410.16076.)
//
// Without restarts a healthy past grows credit, and 10^6 healthy probes would hide the first ten
// losses. So capital is kept in reserve: a part is staked at the start, less at each later step or
// deploy, and the rest evenly over a stated horizon, after which a new budget has to begin.
//
// Oks are only counted until something else happens, so that a million of them cost what one does,
// and the state does not depend on how they were grouped: a fold of the ledger is bit-equal.
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

// The default grid and its weights: 16 points log-spaced from max(1e-3, 3 p0) to 1 share 98 % of
// the weight, 8 from 1.5 p0 to there share 2 %.
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

 private:
  friend class RestartMixture;
  struct Point {
    double log_weight;
    double up;    // p / p0
    double down;  // (1 - p) / (1 - p0)
    double log_up;
    double log_down;  // minus infinity for p = 1
    double log_gap;   // of 1 - down
  };
  MixtureParameters parameters_;
  std::vector<Point> points_;
  double log_even_;  // of what each probe within the horizon stakes
};

class RestartMixture {
 public:
  // `log_limit`: log(1/a). Crossing it is what the mixture is for; boost needs to know it.
  RestartMixture(const MixtureTerms& terms, double log_limit);

  // `count` probes, each by itself, came back.
  void oks(const MixtureTerms& terms, std::uint64_t count);
  // `failed` of `size` probes that may fail together did: the average of their factors. Of an ok
  // batch, too, only one factor counts.
  void batch(const MixtureTerms& terms, unsigned size, unsigned failed);
  void fail(const MixtureTerms& terms) { batch(terms, 1, 1); }
  // A step of the rollout, or a deploy: stakes more, since something may have changed.
  void step(const MixtureTerms& terms);

  // log M.
  double log_e(const MixtureTerms& terms) const;
  double log_limit() const { return log_limit_; }
  bool crosses() const { return is_crossed_; }
  std::uint64_t probes() const { return probes_; }  // batches count one
  // Whether one more fail may overshoot the limit. Then oks earn a little (boost), and are taken
  // one by one; else how they are grouped makes no difference at all.
  bool takes_one_by_one() const { return is_eager_; }

  // Exact: restored, it goes on bit-equal. Empty if `snapshot` is none of these terms.
  nlohmann::json snapshot() const;
  static std::optional<RestartMixture> restore(const MixtureTerms& terms,
                                               const nlohmann::json& snapshot);

 private:
  RestartMixture() = default;
  double capital(const MixtureTerms& terms, std::size_t point) const;
  double log_reserve(const MixtureTerms& terms) const;
  void settle(const MixtureTerms& terms);
  void ok_one_by_one(const MixtureTerms& terms, unsigned size);
  void stake_evenly(const MixtureTerms& terms);
  void look(const MixtureTerms& terms);
  double most_after_a_fail(const MixtureTerms& terms) const;

  std::vector<double> log_capital_;  // staked, by grid point, without what `waiting_` will do
  double log_scale_ = 0;             // what boost made of each unit of reserve
  double log_limit_ = 0;
  std::uint64_t probes_ = 0;
  std::uint64_t waiting_ = 0;  // of the probes, the last that are oks and not yet in the capital
  unsigned steps_ = 0;
  bool is_eager_ = false;
  bool is_crossed_ = false;
};

}  // namespace readback::guard
