#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "guard/evidence/block.h"
#include "guard/evidence/block_process.h"
#include "guard/evidence/loss_streams.h"
#include "guard/evidence/ok_blocks.h"
#include "guard/evidence/ruling.h"
#include "guard/evidence/step_evidence.h"
#include "guard/evidence/suspicions.h"

// All that is known of one flag's losses, and what it amounts to: is anything lost (treatment's
// streams against the baseline rate), is it the flag (the blocks), is it answered (the blocks of
// not ok), does control lose, which cells are suspect, what does the present step bound.
//
// It is a fold of the ledger. Whatever changes it is journalled, and a Harm that folds the journal
// of another one is bit-equal to it. One ledger entry takes one part:
//
//   {"mark": null | "anew" | "step" | "control" |
//            {"budget": number, "options": {...}, "why": "...", "forgets": bool},
//    "cells": [[journey, field, payload class, path, delay ms], ...]   that are named by place
//    below "treatment", "control": journals of guard/evidence/loss_streams.h "step": [[cell,
//    probes, of which not ok], ...]                    of the present step "events": in order
//    ["fail", arm, cell, loss class, block, member, write began ms],
//              ["pass", arm, journey, field, payload class, writes],
//              ["bet", loss|not_ok, members, failed, whether treatment did],
//              ["quiet", loss|not_ok, members, blocks in which all fared alike],
//              ["well", blocks], ["not well"]}                       while it is paused as not ok
//
// A mark is what happened first. A budget is what the stated chance of a false revert is of: a
// re-arm, another rule, the horizon, and a platform's loss that is over begin a new one. No restart
// does.
//
// A value; pure.

namespace readback::guard {

// The options, and the tables that follow from them.
struct EvidenceRule {
  explicit EvidenceRule(const EvidenceOptions& options);
  EvidenceOptions options;
  LossTerms treatment;
  LossTerms control;
};

struct Conviction {
  probes::Cell cell;
  probes::LossClass loss_class = probes::LossClass::unrelated;
  probes::ReadPoint read;
  flags::Moment first_failed_write;  // of the cell: when the trouble that was seen began
};

class Harm {
 public:
  using Finding = guard::Finding;
  enum class Bet { loss, not_ok };

  explicit Harm(const EvidenceOptions& options = {});

  // What happened.
  void fail(const Failure& failure);
  // Reads of one arm that may fail together, each settled as ok or fail.
  void add(probes::Arm arm, const std::vector<SettledRead>& batch);
  // A block, once: `failed` of its members did, or were not ok.
  void bet(Bet bet, unsigned members, unsigned failed, bool has_treatment_failed);
  void pass(probes::Arm arm, const probes::Cell& cell, std::uint64_t writes);
  // Of a write of treatment that was begun in this step.
  void count(const probes::Cell& cell, const probes::ReadPoint& read, bool is_ok);

  // The same of many blocks at once, all of them ok.
  // The reads of each member at their delay; known, if such blocks of as many members were added
  // before.
  void add_oks(const OkBlocks& blocks, const std::vector<SettledRead>& of_one);
  bool add_known_oks(const OkBlocks& blocks);
  void bet_quiet(Bet bet, unsigned members, std::uint64_t blocks);
  void count_oks(const probes::Cell& cell, const probes::ReadPoint& read, std::uint64_t count);

  // Controls of a block with a failure that may still speak, until `deadline`. Not journalled.
  void await_controls(std::uint64_t block, flags::Moment deadline);
  void controls_spoke(std::uint64_t block) { awaited_.erase(block); }
  // Time goes by: who was awaited too long isn't; a budget whose horizon is over ends.
  void tick(flags::Moment now);

  // What began.
  void forget_step();  // what this step has shown: a restart, a clock that jumped
  void begin_step();   // or another build: something may have changed
  void begin_budget(const EvidenceOptions& options, std::string why, bool forgets);

  // The flag is latched: what was found is its reason, and is held against nobody until the budget
  // that a re-arm begins.
  void set_aside() { is_set_aside_ = true; }

  // What it amounts to.
  Ruling ruling() const;
  Finding finding() const { return ruling().finding; }
  const std::optional<Crossing>& crossing() const { return crossing_; }
  std::optional<Conviction> conviction() const;  // once it is lost beyond chance
  // Cells whose probes are repeated at once, with controls; those to which half of them go; those
  // in which control failed and treatment did not.
  std::vector<probes::Cell> suspects() const;
  std::vector<probes::Cell> watched() const;
  std::vector<probes::Cell> ill_controls() const;
  // Whether all cells are cleared, of both arms.
  bool is_clear() const;
  // What is suspected and why, for people; no note text.
  std::string words() const;

  const EvidenceRule& rule() const { return rule_; }
  std::uint64_t budget() const { return budget_; }
  const LossStreams& treatment() const { return treatment_; }
  const LossStreams& control() const { return control_; }
  const BlockProcess& blame() const { return blame_; }
  const BlockProcess& not_ok() const { return not_ok_; }
  const Suspicions& suspicions() const { return suspicions_; }
  const StepEvidence& step() const { return step_; }
  // Confirmed reads of control in all budgets: what a baseline rate can be believed by.
  struct History {
    std::uint64_t probes = 0;
    std::uint64_t failures = 0;  // of reads that may fail together, one
  };
  History control_history() const;
  // Whether an earlier process, or this one, saw this read of this member fail.
  bool has_failed(std::uint64_t block, const Unread& read) const;

  // From now on there is no journal: nobody keeps a ledger of what is only played ahead.
  void stop_journal();
  // Whether the journal holds what must not wait for the next tick: anything but oks.
  bool has_news() const { return has_news_; }
  // The parts since the last call.
  std::vector<nlohmann::json> take_journal();
  // Takes one of them. `now` tells what stored wall times are in boot time. False if it does not
  // fit, in which case what is known is what was known before, or less of this part.
  bool fold(const nlohmann::json& part, flags::Moment now);
  // What no part may exceed by more than one stream's journal.
  static constexpr std::size_t kPartBytes = 40'000;

  // One that a part, the first of a ledger, can be folded into.
  static Harm before(const nlohmann::json& part);

  // The suspicions, for who reads the ledger.
  nlohmann::json durable() const;

 private:
  using Place = std::size_t;

  void cut();  // ends the part that is being journalled
  void forget_journal();
  Place place(const probes::Cell& cell, const probes::ReadPoint& read);
  void mark(nlohmann::json mark);
  nlohmann::json budget_mark(std::string why, bool forgets) const;
  void note_event(nlohmann::json event);
  void note_more(nlohmann::json event, std::size_t count_at);
  void note_count(const probes::Cell& cell, const probes::ReadPoint& read,
                  const StepEvidence::Count& count);
  void reset_budget(const EvidenceOptions& options, bool forgets);
  void reset_control();
  void look();  // for crossings
  void note_well(std::uint64_t blocks);
  bool fold_mark(const nlohmann::json& mark);
  bool fold_event(const nlohmann::json& event, flags::Moment now);
  BlockProcess& process(Bet bet) { return bet == Bet::loss ? blame_ : not_ok_; }

  EvidenceRule rule_;
  std::uint64_t budget_ = 1;
  LossStreams treatment_;
  LossStreams control_;
  std::optional<Crossing> crossing_;          // of treatment
  std::optional<Crossing> control_crossing_;  // by which control is lost, too
  BlockProcess blame_;
  BlockProcess not_ok_;
  std::uint64_t well_blocks_ = 0;  // in a row, while it isn't answered as control is
  Suspicions suspicions_;
  StepEvidence step_;
  bool is_set_aside_ = false;
  History control_before_;                               // this control_ was begun
  std::optional<Failure> newest_failure_;                // of treatment
  std::deque<std::pair<std::uint64_t, Unread>> failed_;  // the latest, by block
  std::map<std::uint64_t, flags::Moment> awaited_;       // deadlines, by block

  struct OkPlaces {
    LossStreams::Places treatment;
    LossStreams::Places control;
  };
  using OkGroup = std::tuple<std::string, std::string, std::chrono::milliseconds>;
  std::map<OkGroup, OkPlaces> ok_places_;  // by journey, payload class, delay

  // The journal.
  bool is_journalled_ = true;
  std::vector<std::pair<probes::Cell, probes::ReadPoint>> cells_;
  std::map<std::pair<probes::Cell, probes::ReadPoint>, Place> places_;
  std::size_t told_cells_ = 0;
  std::vector<nlohmann::json> parts_;
  nlohmann::json mark_;
  nlohmann::json events_ = nlohmann::json::array();
  std::map<Place, StepEvidence::Count> counts_;
  bool has_news_ = false;
};

}  // namespace readback::guard
