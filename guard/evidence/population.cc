#include "guard/evidence/population.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "guard/evidence/log_sum.h"

namespace readback::guard {
namespace {

constexpr unsigned kMostNotes = 1'000;

bool is_level(double level) {
  return level > 0 && level < 1;
}

CountParameters count_parameters(const PopulationOptions& options) {
  CountParameters parameters;
  parameters.null_odds = options.margin;
  // From twice the margin to a certain loss.
  parameters.odds = {2 * options.margin, 4 * options.margin, 16 * options.margin, 1e6};
  parameters.level = options.pause_level / 2;
  return parameters;
}

std::string counted(const char* arm, const Population::Tally& tally) {
  return std::to_string(tally.short_notes) + " of " + std::to_string(tally.notes) + " notes of " +
         arm;
}

}  // namespace

std::optional<std::string> fault_of(const PopulationOptions& options) {
  if (options.rules.empty()) return "no rule says who is struck";
  for (const StruckRule& rule : options.rules)
    if (rule.short_notes == 0 || rule.short_notes > rule.notes || rule.notes > kMostNotes)
      return "a rule wants more short notes than notes, none, or too many";
  if (!is_level(options.revert_level) || !is_level(options.pause_level))
    return "a level is not in 0 to 1";
  if (options.revert_level > options.pause_level) return "it would revert before it pauses";
  if (!(options.short_share >= 0 && options.short_share <= 1)) return "a share is not in 0 to 1";
  return fault_of(count_parameters(options));
}

std::string_view to_string(PopulationFinding finding) {
  constexpr std::string_view kNames[] = {"none", "suspected", "lost"};
  return kNames[static_cast<std::size_t>(finding)];
}

Population::Population(PopulationOptions options, std::map<std::string, bool> is_treated)
    : options_(std::move(options)), counts_(count_parameters(options_)) {
  assert(!fault_of(options_));
  for (auto& [practitioner, treated] : is_treated)
    writers_.emplace(practitioner, Writer{.is_treated = treated});
  if (enrolled(true) == 0 || enrolled(false) == 0) return;
  PractitionerParameters parameters;
  parameters.treated = enrolled(true);
  parameters.controls = enrolled(false);
  bets_.assign(options_.rules.size(), PractitionerBet(parameters));
}

std::uint64_t Population::enrolled(bool is_treated) const {
  return static_cast<std::uint64_t>(std::count_if(
      writers_.begin(), writers_.end(),
      [is_treated](const auto& writer) { return writer.second.is_treated == is_treated; }));
}

bool Population::is_short(const FinishedNote& note) const {
  if (note.stored <= options_.short_at_most) return true;
  return note.submitted && static_cast<double>(note.stored) <
                               options_.short_share * static_cast<double>(*note.submitted);
}

void Population::count(const FinishedNote& note, bool is_treated) {
  Tally& tally = is_treated ? treated_ : controls_;
  ++tally.notes;
  tally.short_notes += is_short(note) ? 1 : 0;
  if (note.saves) {
    ++tally.notes_with_saves;
    tally.saves += *note.saves;
  }
  if (note.submitted) {
    tally.stored += note.stored;
    tally.submitted += *note.submitted;
  }
}

void Population::bet(Writer& writer) {
  for (std::size_t i = 0; i < bets_.size(); ++i) {
    const StruckRule& rule = options_.rules[i];
    if (writer.notes != rule.notes) continue;
    bets_[i].add(writer.is_treated, writer.short_notes >= rule.short_notes);
  }
}

void Population::take(const std::vector<FinishedNote>& notes) {
  const Tally treated = treated_, controls = controls_;
  for (const FinishedNote& note : notes) {
    const auto found = writers_.find(note.practitioner);
    if (found == writers_.end()) continue;
    Writer& writer = found->second;
    count(note, writer.is_treated);
    ++writer.notes;
    writer.short_notes += is_short(note) ? 1 : 0;
    bet(writer);
  }
  counts_.add_notes(treated_.notes - treated.notes, treated_.short_notes - treated.short_notes,
                    controls_.notes - controls.notes, controls_.short_notes - controls.short_notes);
  look();
}

void Population::look() {
  const double shares = static_cast<double>(std::max<std::size_t>(1, bets_.size()));
  const double log_e = log_e_practitioners();
  const bool is_lost = reaches(log_e, -std::log(options_.revert_level / shares));
  const bool is_suspected =
      counts_.crosses() || reaches(log_e, -std::log(options_.pause_level / 2 / shares));
  const PopulationFinding now = is_lost        ? PopulationFinding::lost
                                : is_suspected ? PopulationFinding::suspected
                                               : PopulationFinding::none;
  finding_ = std::max(finding_, now);
}

double Population::log_e_practitioners() const {
  double largest = kLogZero;
  for (const PractitionerBet& bet : bets_) largest = std::max(largest, bet.log_e());
  return largest;
}

std::string Population::words() const {
  if (finding_ == PopulationFinding::none) return "";
  return "blank or very short are " + counted("treatment", treated_) + " and " +
         counted("control", controls_) +
         (finding_ == PopulationFinding::lost ? ", of too many practitioners for chance"
                                              : ", more than chance has it");
}

}  // namespace readback::guard
