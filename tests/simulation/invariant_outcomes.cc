#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "tests/simulation/invariants.h"

namespace readback::simulation {
namespace {

using probes::Outcome;
using namespace std::chrono_literals;

// A read's longest delay, its deadline, the longest pause between two reads, the confirming ones.
constexpr Duration kLongestToFind = 8s + 1s + 30s + 5s;

class OutcomesAreTrue final : public Onlooker {
 public:
  explicit OutcomesAreTrue(const House& house) : house_(house) {}

  void stepped(const Stepped& stepped) override {
    const auto* const observed = std::get_if<guard::Observed>(&stepped.event.happening);
    if (observed == nullptr || observed->observation.is_void) return;
    const probes::Observation& told = observed->observation;
    if (told.outcome == Outcome::info) return;
    if (told.outcome == Outcome::fail) failed_.emplace(observed->write_began.wall, told.cell.field);
    if (is_shown(*observed)) return;
    breaks("told " + std::string(to_string(told.outcome)) + " of " + told.cell.journey + ", " +
           told.cell.field + " by " + told.read.path + ", and readers were shown no such thing");
  }

  void remembered(const std::vector<guard::PendingRead>& reads) override {
    for (const guard::PendingRead& read : reads)
      if (read.task.value("kind", "") == "read")
        known_.insert(WallTime(read.task.value("write_began_ms", std::int64_t{0})));
  }

  void closed() override {
    for (const Note& note : house_.application().notes()) {
      const bool is_known = known_.contains(note.sent.shown.wall) && !note.is_superseded;
      if (!note.is_new_path || !note.is_altered || !is_known) continue;
      // What was written at the end is still being read.
      if (note.sent.at + kLongestToFind > house_.now()) continue;
      for (std::size_t field = 0; field < Note::kFields.size(); ++field) {
        const bool is_told = failed_.contains({note.sent.shown.wall, Note::kFields[field]});
        if (!is_told && is_lost(note, field))
          breaks("nobody was told that " + note.visit + " lost its " + Note::kFields[field]);
      }
    }
  }

 private:
  // On some path readers were shown something else, and never the note.
  static bool is_lost(const Note& note, std::size_t field) {
    for (const auto& path : note.shown)
      if (path[field].wrong && !path[field].whole) return true;
    return false;
  }

  // By wall time, as a pending read keeps it over restarts.
  bool is_shown(const guard::Observed& observed) {
    const auto& notes = house_.application().notes();
    for (; indexed_ < notes.size(); ++indexed_)
      by_wall_.emplace(notes[indexed_].sent.shown.wall, indexed_);
    const probes::Observation& told = observed.observation;
    const bool is_ok = told.outcome == Outcome::ok;
    const auto path = told.read.path == "record" ? Note::record : Note::list;
    const std::size_t field = told.cell.field == Note::kFields[0] ? 0 : 1;
    const auto [begin, end] = by_wall_.equal_range(observed.write_began.wall);
    // A request that arrived twice is two notes of one visit; the second may have come when nobody
    // had an arm any more.
    std::set<std::string> visits;
    for (auto next = begin; next != end; ++next) {
      const Note& note = notes[next->second];
      if (note.is_new_path == (told.arm == probes::Arm::treatment)) visits.insert(note.visit);
    }
    for (auto next = begin; next != end; ++next) {
      const Note& note = notes[next->second];
      if (!visits.contains(note.visit)) continue;
      const Note::Shown& shown = note.shown[path][field];
      if (is_ok ? shown.whole.has_value() : shown.wrong.has_value()) return true;
      // No record at all.
      if (!is_ok && note.is_gone) return true;
    }
    return false;
  }

  const House& house_;
  std::set<WallTime> known_;  // when writes began whose reads are durable
  std::set<std::pair<WallTime, std::string>> failed_;
  std::size_t indexed_ = 0;
  std::multimap<WallTime, std::size_t> by_wall_;
};

}  // namespace

Invariant outcomes_are_true(const House& house) {
  return std::make_unique<OutcomesAreTrue>(house);
}

}  // namespace readback::simulation
