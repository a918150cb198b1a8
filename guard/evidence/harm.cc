#include "guard/evidence/harm.h"

#include <algorithm>
#include <utility>

namespace readback::guard {
using probes::Arm;
using probes::Cell;

namespace {

LossParameters loss_parameters(const EvidenceOptions& options, double level) {
  LossParameters parameters;
  parameters.p0 = options.baseline_loss_rate;
  parameters.false_revert_probability = level;
  parameters.horizon = options.horizon_probes;
  return parameters;
}

BlockProcess block_process(double level) {
  BlockParameters parameters;
  parameters.level = level;
  return BlockProcess(parameters);
}

// A block of an outage of an hour is in nobody's memory any more.
constexpr std::size_t kFailuresKept = 4'096;

}  // namespace

EvidenceRule::EvidenceRule(const EvidenceOptions& from)
    : options(from),
      treatment(loss_parameters(from, from.false_revert_probability)),
      // Blaming the platform falsely costs what blaming the flag falsely does.
      control(loss_parameters(from, from.false_blame_probability)) {}

Harm::Harm(const EvidenceOptions& options)
    : rule_(options),
      blame_(block_process(options.false_blame_probability)),
      not_ok_(block_process(options.false_pause_probability)) {
  mark(budget_mark("the first", false));
}

void Harm::fail(const Failure& failure) {
  suspicions_.fail(failure);
  if (failure.arm == Arm::treatment) newest_failure_ = failure;
  failed_.push_back({failure.block, {failure.member, failure.cell.field, failure.read}});
  if (failed_.size() > kFailuresKept) failed_.pop_front();
  if (!is_journalled_) return;
  has_news_ = true;
  note_event({"fail", to_string(failure.arm), place(failure.cell, failure.read),
              to_string(failure.loss_class), failure.block, failure.member,
              failure.write_began.wall.count()});
}

void Harm::add(Arm arm, const std::vector<SettledRead>& batch) {
  if (batch.empty()) return;
  if (arm == Arm::treatment)
    treatment_.add(rule_.treatment, batch);
  else
    control_.add(rule_.control, batch);
  const bool has_failed = std::any_of(batch.begin(), batch.end(),
                                      [](const SettledRead& read) { return read.has_failed; });
  if (!has_failed) return;
  has_news_ = is_journalled_;
  look();
}

void Harm::bet(Bet bet, unsigned members, unsigned failed, bool has_treatment_failed) {
  if (failed == 0) return bet_quiet(bet, members, 1);
  process(bet).add(members, failed, has_treatment_failed);
  const char* name = bet == Bet::loss ? "loss" : "not_ok";
  if (failed == members)
    note_more({"quiet", name, members, 1}, 3);
  else
    note_event({"bet", name, members, failed, has_treatment_failed}), has_news_ = is_journalled_;
  if (bet != Bet::not_ok || !not_ok_.crosses()) return;
  if (has_treatment_failed && well_blocks_ > 0) {
    well_blocks_ = 0;
    note_event(nlohmann::json::array({"not well"}));
  } else if (!has_treatment_failed) {
    note_more(nlohmann::json::array({"well", 1}), 1);
    note_well(1);
  }
}

void Harm::note_well(std::uint64_t blocks) {
  well_blocks_ += blocks;
  if (well_blocks_ < rule_.options.oks_to_serve_again) return;
  well_blocks_ = 0;
  not_ok_ = block_process(rule_.options.false_pause_probability);
}

void Harm::pass(Arm arm, const Cell& cell, std::uint64_t writes) {
  suspicions_.pass(arm, cell, writes, rule_.options);
  note_more({"pass", to_string(arm), cell.journey, cell.field, cell.payload_class, writes}, 5);
}

void Harm::count(const Cell& cell, const probes::ReadPoint& read, bool is_ok) {
  const StepEvidence::Count one{1, is_ok ? 0U : 1U, false};
  step_.add(rule_.options, cell, read, one);
  note_count(cell, read, one);
}

void Harm::await_controls(std::uint64_t block, flags::Moment deadline) {
  awaited_.emplace(block, deadline);
}

void Harm::tick(flags::Moment now) {
  std::erase_if(awaited_, [&](const auto& each) { return now.boot >= each.second.boot; });
  if (control_crossing_ && suspicions_.ill_controls().empty()) {
    cut();
    reset_control();
    mark("control");
  }
  // It is over once every cell of it may be served again; until then it pauses.
  if (crossing() && finding() == Finding::platform && !suspicions_.is_pausing(rule_.options))
    begin_budget(rule_.options, "the platform's loss is over", false);
  const LossStream* all = treatment_.find(StreamGroup::all, "all");
  if (all != nullptr && all->counts().probes() >= rule_.options.horizon_probes && !crossing())
    begin_budget(rule_.options, "the horizon of the last one is over", false);
}

void Harm::forget_step() {
  cut();
  step_.begin();
  mark("anew");
}

void Harm::begin_step() {
  cut();
  treatment_.step(rule_.treatment);
  control_.step(rule_.control);
  step_.begin();
  mark("step");
}

void Harm::begin_budget(const EvidenceOptions& options, std::string why, bool forgets) {
  cut();
  reset_budget(options, forgets);
  ++budget_;
  is_set_aside_ = is_set_aside_ && !forgets;
  mark(budget_mark(std::move(why), forgets));
}

nlohmann::json Harm::budget_mark(std::string why, bool forgets) const {
  return {{"budget", budget_},
          {"options", to_json(rule_.options)},
          {"why", std::move(why)},
          {"forgets", forgets}};
}

void Harm::reset_budget(const EvidenceOptions& options, bool forgets) {
  if (options != rule_.options || forgets) step_.begin();
  if (options != rule_.options) rule_ = EvidenceRule(options);
  treatment_ = {};
  ok_places_.clear();
  crossing_.reset();
  reset_control();
  blame_ = block_process(options.false_blame_probability);
  not_ok_ = block_process(options.false_pause_probability);
  well_blocks_ = 0;
  // A budget's journal names all that it needs.
  cells_.clear();
  places_.clear();
  told_cells_ = 0;
  if (!forgets) return;
  suspicions_ = {};
  newest_failure_.reset();
  awaited_.clear();
}

void Harm::reset_control() {
  control_before_ = control_history();
  control_ = {};
  ok_places_.clear();
  control_crossing_.reset();
}

void Harm::look() {
  if (!crossing_) crossing_ = treatment_.crossing();
  if (!control_crossing_) control_crossing_ = control_.crossing();
}

Harm::History Harm::control_history() const {
  History history = control_before_;
  if (const LossStream* all = control_.find(StreamGroup::all, "all")) {
    history.probes += all->counts().probes();
    history.failures += all->counts().failures();
  }
  return history;
}

std::vector<Cell> Harm::suspects() const {
  return is_set_aside_ ? std::vector<Cell>() : suspicions_.pausing(rule_.options);
}

std::vector<Cell> Harm::watched() const {
  return is_set_aside_ ? std::vector<Cell>() : suspicions_.watched(rule_.options);
}

nlohmann::json Harm::durable() const {
  return is_set_aside_ ? nlohmann::json::array() : suspicions_.to_json();
}

Ruling Harm::ruling() const {
  if (is_set_aside_) return {};
  Seen seen;
  seen.is_lost = crossing_.has_value();
  seen.is_flag = blame_.crosses();
  seen.is_control_lost = control_crossing_.has_value();
  seen.awaits_controls = !awaited_.empty();
  seen.is_suspect = suspicions_.is_pausing(rule_.options);
  seen.is_control_ill = !suspicions_.ill_controls().empty();
  seen.is_not_ok = not_ok_.crosses();
  return rule_on(seen, rule_.options.on_platform_loss);
}

std::optional<Conviction> Harm::conviction() const {
  if (!crossing() || !newest_failure_) return std::nullopt;
  const Failure& failure = *newest_failure_;
  Conviction conviction{failure.cell, failure.loss_class, failure.read, failure.write_began};
  if (const Suspicion* suspicion = suspicions_.find(Arm::treatment, failure.cell))
    conviction.first_failed_write = suspicion->first_failed_write;
  return conviction;
}

std::vector<Cell> Harm::ill_controls() const {
  std::vector<Cell> cells;
  if (is_set_aside_) return cells;
  for (const auto& [cell, suspicion] : suspicions_.ill_controls())
    if (suspicions_.find(Arm::treatment, cell) == nullptr) cells.push_back(cell);
  return cells;
}

bool Harm::is_clear() const {
  return suspicions_.suspects().empty() && suspicions_.ill_controls().empty();
}

bool Harm::has_failed(std::uint64_t block, const Unread& read) const {
  return std::find(failed_.begin(), failed_.end(), std::pair(block, read)) != failed_.end();
}

std::string Harm::words() const {
  const Ruling ruling = this->ruling();
  std::string words;
  const auto add = [&](const std::string& more) { words += (words.empty() ? "" : "; ") + more; };
  const std::optional<Conviction> conviction = this->conviction();
  if (conviction && ruling.verdict == Verdict::revert) {
    const bool is_flag = ruling.blame == Blame::flag;
    const bool is_platform = ruling.blame == Blame::platform;
    return std::string(is_flag       ? "lost with the flag on and not with it off: "
                       : is_platform ? "lost in both arms, so the platform is to blame: "
                                     : "lost with the flag on, by what is not known yet: ") +
           to_words(conviction->cell) + ", read by " + conviction->read.path + ": " +
           std::string(to_string(conviction->loss_class)) + " (" + crossing()->words() + ")";
  }
  const std::string why = ruling.blame == Blame::platform
                              ? "lost in both arms, so the platform is to blame: "
                              : "lost with the flag on, being repeated: ";
  const EvidenceOptions& options = rule_.options;
  for (const auto& [cell, suspicion] : suspicions_.suspects()) {
    const bool is_watched = suspicion.oks_in_a_row >= options.oks_to_serve_again;
    const unsigned target = is_watched ? options.oks_to_clear : options.oks_to_serve_again;
    add((is_watched ? "lost with the flag on, watched: " : why) + to_words(cell) + ": " +
        std::string(to_string(suspicion.failed_reads.rbegin()->second)) + ", " +
        (is_watched ? "cleared by " : "served again after ") +
        std::to_string(target - suspicion.oks_in_a_row) + " more oks in a row");
  }
  if (ruling.finding == Finding::not_ok)
    add("treatment's probes are answered worse than control's, so a loss might hide; served again "
        "after " +
        std::to_string(options.oks_to_serve_again - well_blocks_) + " ok blocks in a row");
  for (const Cell& cell : ill_controls())
    add("lost with the flag off: " + to_words(cell) + "; reverting is unsafe");
  return words;
}

}  // namespace readback::guard
