#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Are more of the treated's notes blank than of the others', interval by interval? Given an
// interval's total of blank notes, how many of them are treated's is, at odds psi, Fisher's
// noncentral hypergeometric (notes counted) or binomial (exposures, as time or requests, and
// rates). The bet multiplies by the ratio of the chance at psi to that at psi0, and is a mixture
// over psi > psi0. (Lindon, Malek, NeurIPS 2022.)
//
// psi0 = 1 is not valid for a fixed cohort, since practitioners differ: measured, it ever crosses
// 1e6 with a chance of 26 % in 100 hours at an intra-class correlation of 0.1. So the null is that
// treated's notes are blank at up to 3 times the odds of the others'. PractitionerBet needs no such
// assumption.
//
// Values; pure; safe from any thread.

namespace readback::guard {

struct CountParameters {
  double null_odds = 3;                        // psi0, at least 1
  std::vector<double> odds{16, 64, 256, 1e6};  // psi, each over psi0
  std::vector<double> weights{};               // scaled to a sum of 1; empty: equal
  double level = 0.01;
};

std::optional<std::string> fault_of(const CountParameters& parameters);

class CountBet {
 public:
  static constexpr std::uint64_t kMostBlank = 1'000'000;  // of an interval

  // Asserts that fault_of() finds none.
  explicit CountBet(CountParameters parameters = {});

  // An interval's notes by arm, and how many of them are blank. False, and nothing changes, if
  // these don't fit, or are over kMostBlank.
  bool add_notes(std::uint64_t treated, std::uint64_t treated_blank, std::uint64_t controls,
                 std::uint64_t controls_blank);
  // The same by exposures, in any unit that both arms share, each positive.
  bool add_exposures(double treated, std::uint64_t treated_blank, double controls,
                     std::uint64_t controls_blank);

  double log_e() const;
  double log_limit() const;
  bool crosses() const { return is_crossed_; }  // ever

 private:
  void look();

  CountParameters parameters_;
  std::vector<double> log_capital_;  // by odds
  bool is_crossed_ = false;
};

// log of Fisher's noncentral hypergeometric chance that `blank` of all blank notes are treated's.
// Needs a `blank` that can be.
double log_fisher_share(std::uint64_t treated, std::uint64_t controls, std::uint64_t all_blank,
                        std::uint64_t blank, double odds);

}  // namespace readback::guard
