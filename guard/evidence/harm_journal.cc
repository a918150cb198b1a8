// The half of Harm that the ledger sees.
#include <utility>

#include "guard/evidence/harm.h"

namespace readback::guard {
namespace {

using Json = nlohmann::json;
using probes::Arm;
using probes::Cell;

Arm arm_of(const Json& name) {
  return name == to_string(Arm::treatment) ? Arm::treatment : Arm::control;
}

Json to_json(const Cell& cell, const probes::ReadPoint& read) {
  return {cell.journey, cell.field, cell.payload_class, read.path, read.delay.count()};
}

// Boot time of a wall time, if nothing but time went by.
flags::Moment moment_of(std::chrono::milliseconds wall, flags::Moment now) {
  return {now.boot - (now.wall - wall), wall};
}

// An entry of the ledger has a bound: what is over it becomes further parts, in the order in which
// they are folded.
void split(Json part, std::vector<Json>& parts) {
  if (part.dump().size() <= Harm::kPartBytes) {
    parts.push_back(std::move(part));
    return;
  }
  Json next = Json::object();
  if (part.contains("mark")) next["mark"] = part.at("mark");
  std::size_t bytes = next.dump().size();
  for (const char* key : {"cells", "treatment", "control", "step", "events"}) {
    for (Json& element : part.value(key, Json::array())) {
      const std::size_t more = element.dump().size() + 1;
      if (bytes + more > Harm::kPartBytes) {
        parts.push_back(std::exchange(next, Json::object()));
        bytes = 0;
      }
      bytes += more;
      next[key].push_back(std::move(element));
    }
  }
  parts.push_back(std::move(next));
}

}  // namespace

Harm::Place Harm::place(const Cell& cell, const probes::ReadPoint& read) {
  const auto [found, is_new] = places_.try_emplace({cell, read}, cells_.size());
  if (is_new) cells_.emplace_back(cell, read);
  return found->second;
}

void Harm::note_event(Json event) {
  if (!is_journalled_) return;
  events_.push_back(std::move(event));
}

// One like the last is that one, with more of what it counts.
void Harm::note_more(Json event, std::size_t count_at) {
  if (!is_journalled_) return;
  if (!events_.empty() && events_.back().size() == event.size()) {
    Json last = events_.back();
    last[count_at] = event[count_at];
    if (last == event) {
      events_.back()[count_at] =
          events_.back()[count_at].get<std::uint64_t>() + event[count_at].get<std::uint64_t>();
      return;
    }
  }
  note_event(std::move(event));
}

void Harm::note_count(const Cell& cell, const probes::ReadPoint& read,
                      const StepEvidence::Count& count) {
  if (!is_journalled_) return;
  StepEvidence::Count& counted = counts_[place(cell, read)];
  counted.probes += count.probes;
  counted.not_ok += count.not_ok;
}

void Harm::mark(Json mark) {
  if (!is_journalled_) return;
  mark_ = std::move(mark);
  has_news_ = true;
}

void Harm::stop_journal() {
  cut();
  forget_journal();
  is_journalled_ = false;
}

void Harm::cut() {
  if (!is_journalled_) {
    treatment_.forget_journal();
    control_.forget_journal();
    return;
  }
  Json part = Json::object();
  if (!mark_.is_null()) part["mark"] = std::exchange(mark_, nullptr);
  if (told_cells_ < cells_.size()) {
    Json& cells = part["cells"] = Json::array();
    for (; told_cells_ < cells_.size(); ++told_cells_)
      cells.push_back(to_json(cells_[told_cells_].first, cells_[told_cells_].second));
  }
  if (Json journal = treatment_.take_journal(); !journal.is_null())
    part["treatment"] = std::move(journal);
  if (Json journal = control_.take_journal(); !journal.is_null())
    part["control"] = std::move(journal);
  for (const auto& [place, count] : counts_)
    part["step"].push_back({place, count.probes, count.not_ok});
  counts_.clear();
  if (!events_.empty()) part["events"] = std::exchange(events_, Json::array());
  if (!part.empty()) split(std::move(part), parts_);
}

std::vector<Json> Harm::take_journal() {
  cut();
  has_news_ = false;
  return std::exchange(parts_, {});
}

// What was folded is in the ledger already.
void Harm::forget_journal() {
  parts_.clear();
  mark_ = nullptr;
  events_ = Json::array();
  counts_.clear();
  told_cells_ = cells_.size();
  has_news_ = false;
}

bool Harm::fold_mark(const Json& mark) {
  if (mark == "anew" || mark == "step") {
    step_.begin();
    return true;
  }
  if (mark == "control") {
    reset_control();
    return true;
  }
  if (!mark.is_object()) return false;
  budget_ = mark.value("budget", budget_ + 1);
  reset_budget(evidence_options_from_json(mark.value("options", Json())),
               mark.value("forgets", false));
  return true;
}

bool Harm::fold_event(const Json& event, flags::Moment now) {
  const std::string kind = event.at(0).get<std::string>();
  if (kind == "fail") {
    const auto& [cell, read] = cells_.at(event.at(2).get<Place>());
    fail({.arm = arm_of(event.at(1)),
          .cell = cell,
          .read = read,
          .loss_class = probes::parse_loss_class(event.at(3).get<std::string>())
                            .value_or(probes::LossClass::unrelated),
          .block = event.at(4).get<std::uint64_t>(),
          .member = event.at(5).get<unsigned>(),
          .write_began =
              moment_of(std::chrono::milliseconds(event.at(6).get<std::int64_t>()), now)});
  } else if (kind == "pass") {
    const Cell cell{event.at(2).get<std::string>(), event.at(3).get<std::string>(),
                    event.at(4).get<std::string>()};
    pass(arm_of(event.at(1)), cell, event.at(5).get<std::uint64_t>());
  } else if (kind == "bet") {
    const auto members = event.at(2).get<unsigned>(), failed = event.at(3).get<unsigned>();
    if (failed == 0 || failed >= members) return false;
    process(event.at(1) == "loss" ? Bet::loss : Bet::not_ok)
        .add(members, failed, event.at(4).get<bool>());
  } else if (kind == "quiet") {
    const Bet bet = event.at(1) == "loss" ? Bet::loss : Bet::not_ok;
    if (event.at(2).get<unsigned>() < 2) return false;
    process(bet).add_quiet(event.at(3).get<std::uint64_t>());
  } else if (kind == "well") {
    note_well(event.at(1).get<std::uint64_t>());
  } else if (kind == "not well") {
    well_blocks_ = 0;
  } else {
    return false;
  }
  return true;
}

Harm Harm::before(const Json& part) {
  const Json mark = part.is_object() ? part.value("mark", Json()) : Json();
  const Json options = mark.is_object() ? mark.value("options", Json()) : Json();
  return Harm(evidence_options_from_json(options));
}

bool Harm::fold(const Json& part, flags::Moment now) {
  if (!part.is_object()) return false;
  forget_journal();
  bool fits = true;
  try {
    if (part.contains("mark")) fits = fold_mark(part.at("mark"));
    for (const Json& cell : part.value("cells", Json::array()))
      place({cell.at(0), cell.at(1), cell.at(2)},
            {cell.at(3), std::chrono::milliseconds(cell.at(4).get<std::int64_t>())});
    fits = treatment_.fold(rule_.treatment, part.value("treatment", Json())) && fits;
    fits = control_.fold(rule_.control, part.value("control", Json())) && fits;
    look();
    for (const Json& count : part.value("step", Json::array())) {
      const auto& [cell, read] = cells_.at(count.at(0).get<Place>());
      step_.add(rule_.options, cell, read,
                {count.at(1).get<std::uint64_t>(), count.at(2).get<std::uint64_t>(), false});
    }
    for (const Json& event : part.value("events", Json::array()))
      fits = fold_event(event, now) && fits;
  } catch (const Json::exception&) {
    fits = false;
  } catch (const std::out_of_range&) {
    fits = false;
  }
  forget_journal();
  return fits;
}

}  // namespace readback::guard
