#include <map>
#include <variant>

#include "tests/simulation/invariants.h"

namespace readback::simulation {
namespace {

using probes::Outcome;

class OutcomesAreTrue final : public Onlooker {
 public:
  explicit OutcomesAreTrue(const House& house) : house_(house) {}

  void stepped(const Stepped& stepped) override {
    const auto* const observed = std::get_if<guard::Observed>(&stepped.event.happening);
    if (observed == nullptr || observed->observation.is_void) return;
    const probes::Observation& told = observed->observation;
    if (told.outcome == Outcome::info) return;
    if (is_shown(*observed)) return;
    breaks("told " + std::string(to_string(told.outcome)) + " of " + told.cell.journey + ", " +
           told.cell.field + " by " + told.read.path + ", and readers were shown no such thing");
  }

 private:
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
    for (auto next = begin; next != end; ++next) {
      const Note& note = notes[next->second];
      if (note.is_new_path != (told.arm == probes::Arm::treatment)) continue;
      const Note::Shown& shown = note.shown[path][field];
      if (is_ok ? shown.whole.has_value() : shown.wrong.has_value()) return true;
      // No record at all.
      if (!is_ok && note.is_gone) return true;
    }
    return false;
  }

  const House& house_;
  std::size_t indexed_ = 0;
  std::multimap<WallTime, std::size_t> by_wall_;
};

}  // namespace

Invariant outcomes_are_true(const House& house) {
  return std::make_unique<OutcomesAreTrue>(house);
}

}  // namespace readback::simulation
