#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Do practitioners lose what they write, by their real notes? One bet a practitioner. The cohort
// was drawn at random; so of those who still have to complete their first q notes, each is as
// likely as any other to be treated. As one completes them, all blank or not, he is bet on if all
// were: treated, th / pi, or not, (1 - th) / (1 - pi), where pi is the treated share of those who
// were still to come, him included, th = psi pi / (psi pi + 1 - pi), a mixture over the odds psi.
//
// Counting notes instead is not valid for a fixed cohort, since practitioners differ (CountBet).
// The order in which they complete must not depend on their arm.
//
// Values; pure; safe from any thread.

namespace readback::guard {

struct PractitionerParameters {
  std::uint64_t treated = 0;  // of the practitioners, who are in the cohort
  std::uint64_t controls = 0;
  std::vector<double> odds{4, 16, 256, 1e6};  // psi, each over 1
  std::vector<double> weights{};              // scaled to a sum of 1; empty: equal
  double level = 0.01;
};

std::optional<std::string> fault_of(const PractitionerParameters& parameters);

class PractitionerBet {
 public:
  // Asserts that fault_of() finds none.
  explicit PractitionerBet(PractitionerParameters parameters);

  // A practitioner completed his first notes. False, and nothing changes, if none of his arm was
  // still to come.
  bool add(bool is_treated, bool is_all_blank);

  double log_e() const;
  double log_limit() const;
  bool crosses() const { return is_crossed_; }  // ever
  std::uint64_t treated_to_come() const { return treated_; }
  std::uint64_t controls_to_come() const { return controls_; }

 private:
  PractitionerParameters parameters_;
  std::vector<double> log_capital_;  // by odds
  std::uint64_t treated_;
  std::uint64_t controls_;
  bool is_crossed_ = false;
};

}  // namespace readback::guard
