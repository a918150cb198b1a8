#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "guard/evidence/mixture_terms.h"

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
  bool takes_one_by_one() const { return !near_.empty(); }

  // Exact: restored, it goes on bit-equal. Empty if `snapshot` is none of these terms.
  nlohmann::json snapshot() const;
  static std::optional<RestartMixture> restore(const MixtureTerms& terms,
                                               const nlohmann::json& snapshot);

 private:
  RestartMixture() = default;
  double capital(const MixtureTerms& terms, std::size_t point) const;
  double reserve_part(const MixtureTerms& terms) const;
  double log_reserve(const MixtureTerms& terms) const;
  void settle(const MixtureTerms& terms);
  void stake_evenly(const MixtureTerms& terms);
  void look(const MixtureTerms& terms);
  double log_most_after_a_fail(const MixtureTerms& terms) const;
  // Near the limit:
  double near_sum(const MixtureTerms& terms) const;
  bool may_overshoot(const MixtureTerms& terms) const;
  void ok_near(const MixtureTerms& terms, unsigned size);
  void leave(const MixtureTerms& terms);

  std::vector<double> log_capital_;  // staked, by grid point, without what `waiting_` will do
  double log_scale_ = 0;             // what boost made of each unit of reserve
  // Where one more fail may overshoot the limit the same two as plain numbers, in units of the
  // limit; else empty. Nothing is large there, and oks are many.
  std::vector<double> near_;
  double near_scale_ = 0;
  double log_limit_ = 0;
  std::uint64_t probes_ = 0;
  std::uint64_t waiting_ = 0;  // of the probes, the last that are oks and not yet in the capital
  unsigned steps_ = 0;
  bool is_crossed_ = false;
};

}  // namespace readback::guard
