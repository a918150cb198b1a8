#include "guard/evidence/block.h"

#include <algorithm>

namespace readback::guard {
using probes::Outcome;

void Block::record(const probes::Observation& observation, flags::Moment write_began) {
  if (observation.member >= opened_.members) return;
  Outcomes& outcomes = outcomes_[{observation.cell.field, observation.read}];
  outcomes.resize(opened_.members);
  std::optional<Outcome>& outcome = outcomes[observation.member];
  if (outcome) return;
  outcome = observation.is_void ? Outcome::info : observation.outcome;
  if (observation.is_void) void_members_.insert(observation.member);
  if (observation.member == opened_.treatment)
    treatment_writes_.emplace(observation.cell.field, write_began);
}

void Block::recall(unsigned member, const std::string& field, const probes::ReadPoint& read,
                   Outcome outcome) {
  if (member >= opened_.members) return;
  Outcomes& outcomes = outcomes_[{field, read}];
  outcomes.resize(opened_.members);
  outcomes[member] = outcome;
}

Block::Together Block::treatment(const std::string& field, const probes::ReadPoint& read) const {
  return together(find(field, read), true);
}

Block::Together Block::controls(const std::string& field, const probes::ReadPoint& read) const {
  return together(find(field, read), false);
}

std::optional<Outcome> Block::outcome(unsigned member, const std::string& field,
                                      const probes::ReadPoint& read) const {
  const Outcomes* outcomes = find(field, read);
  if (outcomes == nullptr) return std::nullopt;
  return outcomes->at(member);
}

bool Block::is_settled(const std::string& field, const probes::ReadPoint& read) const {
  const Outcomes* outcomes = find(field, read);
  return outcomes != nullptr &&
         std::all_of(outcomes->begin(), outcomes->end(),
                     [](const auto& outcome) { return outcome.has_value(); });
}

std::optional<flags::Moment> Block::treatment_write(const std::string& field) const {
  const auto found = treatment_writes_.find(field);
  if (found == treatment_writes_.end()) return std::nullopt;
  return found->second;
}

Block::Together Block::together(const Outcomes* outcomes, bool of_treatment) const {
  if (outcomes == nullptr) return Together::waiting;
  bool waits = false, unknown = false;
  for (unsigned member = 0; member < outcomes->size(); ++member) {
    if ((member == opened_.treatment) != of_treatment) continue;
    const std::optional<Outcome>& outcome = (*outcomes)[member];
    if (outcome == Outcome::fail) return Together::some_fail;
    waits |= !outcome.has_value();
    unknown |= outcome == Outcome::info;
  }
  if (waits) return Together::waiting;
  return unknown ? Together::some_info : Together::all_ok;
}

const Block::Outcomes* Block::find(const std::string& field, const probes::ReadPoint& read) const {
  const auto found = outcomes_.find({field, read});
  return found == outcomes_.end() ? nullptr : &found->second;
}

}  // namespace readback::guard
