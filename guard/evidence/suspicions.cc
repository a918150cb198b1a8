#include "guard/evidence/suspicions.h"

#include <algorithm>

namespace readback::guard {
using probes::Arm;
using probes::Cell;

nlohmann::json to_json(const Cell& cell) {
  return {{"journey", cell.journey}, {"field", cell.field}, {"payload_class", cell.payload_class}};
}

std::string to_words(const Cell& cell) {
  return cell.journey + ", " + cell.field + ", payload class " + cell.payload_class;
}

void Suspicions::fail(const Failure& failure) {
  Cells& cells = failure.arm == Arm::treatment ? of_treatment_ : of_control_;
  const auto [found, is_new] = cells.try_emplace(failure.cell);
  Suspicion& suspicion = found->second;
  if (is_new) suspicion.first_failed_write = failure.write_began;
  ++suspicion.failures;
  suspicion.failed_reads[failure.read] = failure.loss_class;
  suspicion.oks_in_a_row = 0;
}

void Suspicions::pass(Arm arm, const Cell& cell, std::uint64_t count,
                      const EvidenceOptions& options) {
  Cells& cells = arm == Arm::treatment ? of_treatment_ : of_control_;
  const auto found = cells.find(cell);
  if (found == cells.end()) return;
  found->second.oks_in_a_row += count;
  if (found->second.oks_in_a_row >= options.oks_to_clear) cells.erase(found);
}

const Suspicion* Suspicions::find(Arm arm, const Cell& cell) const {
  const Cells& cells = arm == Arm::treatment ? of_treatment_ : of_control_;
  const auto found = cells.find(cell);
  return found == cells.end() ? nullptr : &found->second;
}

std::vector<Cell> Suspicions::pausing(const EvidenceOptions& options) const {
  std::vector<Cell> cells;
  for (const auto& [cell, suspicion] : of_treatment_)
    if (suspicion.oks_in_a_row < options.oks_to_serve_again) cells.push_back(cell);
  return cells;
}

std::vector<Cell> Suspicions::watched(const EvidenceOptions& options) const {
  std::vector<Cell> cells;
  for (const auto& [cell, suspicion] : of_treatment_)
    if (suspicion.oks_in_a_row >= options.oks_to_serve_again) cells.push_back(cell);
  return cells;
}

bool Suspicions::is_pausing(const EvidenceOptions& options) const {
  return std::any_of(of_treatment_.begin(), of_treatment_.end(), [&](const auto& each) {
    return each.second.oks_in_a_row < options.oks_to_serve_again;
  });
}

nlohmann::json Suspicions::to_json() const {
  auto list = nlohmann::json::array();
  for (const auto& [cell, suspicion] : of_treatment_) {
    nlohmann::json entry = guard::to_json(cell);
    entry["first_failed_write_ms"] = suspicion.first_failed_write.wall.count();
    entry["failures"] = suspicion.failures;
    entry["oks_in_a_row"] = suspicion.oks_in_a_row;
    auto reads = nlohmann::json::array();
    for (const auto& [read, loss_class] : suspicion.failed_reads)
      reads.push_back({{"path", read.path},
                       {"delay_ms", read.delay.count()},
                       {"loss_class", to_string(loss_class)}});
    entry["failed_reads"] = std::move(reads);
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace readback::guard
