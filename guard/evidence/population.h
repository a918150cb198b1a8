#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guard/evidence/count_bet.h"
#include "guard/evidence/practitioner_bet.h"

// What real users store, by arm, without reading a text: is more of it blank with the flag on?
// Beside the probes, for the losses that no journey covers.
//
// Two bets, two answers. *Practitioners*: the cohort was drawn at random, so which of those who
// have still to write their first notes is treated is a coin whose odds are known; that bounds the
// chance of a false revert whatever practitioners write, and is allowed to revert. As each has
// finished his first q notes he counts as struck if at least k of them are short: one bet each
// (practitioner_bet.h), for each rule (k of q) a process with its share of the level, since they
// look at the same practitioners at different times (union bound). *Notes*: counts of all notes,
// sooner and of rarer losses, but valid only if the treated's natural odds of a short note are at
// most `margin` times the others' (count_bet.h): that is stated, not known, and pauses only.
//
// It is blind to a user who sees the empty note and writes it anew before it is counted, to texts
// that are altered and not shorter, and to a loss that strikes most practitioners less often than
// they write short notes themselves.
//
// Values; pure; safe from any thread.

namespace readback::guard {

// A note that its author has finished. Counts only: of code points, and of saves.
struct FinishedNote {
  std::string practitioner;
  std::uint64_t stored = 0;
  std::optional<std::uint64_t> submitted{};  // what the application was sent, if it knows
  std::optional<std::uint64_t> saves{};
};

// Struck: at least `short_notes` of the first `notes` are short.
struct StruckRule {
  unsigned short_notes = 2;
  unsigned notes = 2;
  friend bool operator==(const StruckRule&, const StruckRule&) = default;
};

struct PopulationOptions {
  std::uint64_t short_at_most = 2;  // code points: a note of at most so many is short
  double short_share = 0.5;  // or one of which less than this of what was submitted is stored
  std::vector<StruckRule> rules{{2, 2}, {2, 4}, {2, 16}};
  double margin = 3;           // psi0 of the counts
  double revert_level = 1e-6;  // of an enrolment: the chance that it is ever reverted falsely
  double pause_level = 1e-3;   // the same, paused, half of it for the counts
  friend bool operator==(const PopulationOptions&, const PopulationOptions&) = default;
};

std::optional<std::string> fault_of(const PopulationOptions& options);

enum class PopulationFinding { none, suspected, lost };
std::string_view to_string(PopulationFinding finding);

// One enrolment: the practitioners of one cohort, from when it was drawn.
class Population {
 public:
  static constexpr std::size_t kMostPractitioners = 1'000'000;

  struct Tally {
    std::uint64_t notes = 0;
    std::uint64_t short_notes = 0;
    std::uint64_t notes_with_saves = 0, saves = 0;
    std::uint64_t stored = 0, submitted = 0;  // of notes of which both are known
  };

  // `is_treated` by practitioner; all who may write, whoever they are. Asserts fault_of() finds
  // none.
  Population(PopulationOptions options, std::map<std::string, bool> is_treated);

  // The notes of one interval, in the order in which they were finished. Those of practitioners who
  // were not enrolled are left out.
  void take(const std::vector<FinishedNote>& notes);

  // Only ever worse.
  PopulationFinding finding() const { return finding_; }
  // What was found, for people: counts only.
  std::string words() const;
  const Tally& tally(bool is_treated) const { return is_treated ? treated_ : controls_; }
  std::uint64_t enrolled(bool is_treated) const;
  // The largest log e-value of the practitioners' bets, and of the counts'.
  double log_e_practitioners() const;
  double log_e_notes() const { return counts_.log_e(); }

 private:
  struct Writer {
    bool is_treated = false;
    unsigned notes = 0;
    unsigned short_notes = 0;
  };
  bool is_short(const FinishedNote& note) const;
  void count(const FinishedNote& note, bool is_treated);
  void bet(Writer& writer);
  void look();

  PopulationOptions options_;
  std::map<std::string, Writer> writers_;
  std::vector<PractitionerBet> bets_;  // by rule; none if an arm is empty
  CountBet counts_;
  Tally treated_, controls_;
  PopulationFinding finding_ = PopulationFinding::none;
};

}  // namespace readback::guard
