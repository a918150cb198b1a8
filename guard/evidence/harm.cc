#include "guard/evidence/harm.h"

namespace readback::guard {
using probes::Arm;
using probes::Cell;
using probes::Observation;
using probes::Outcome;
using probes::ReadPoint;
using Together = Block::Together;

std::string_view to_string(Harm::Finding finding) {
  switch (finding) {
    case Harm::Finding::none:
      return "none";
    case Harm::Finding::suspect:
      return "suspect";
    case Harm::Finding::platform:
      return "platform";
    case Harm::Finding::flag:
      break;
  }
  return "flag";
}

nlohmann::json to_json(const Cell& cell) {
  return {{"journey", cell.journey}, {"field", cell.field}, {"payload_class", cell.payload_class}};
}

void Harm::observe(const Observation& observation, const Block* block, flags::Moment write_began) {
  if (observation.is_void) return;
  if (observation.outcome == Outcome::fail) {
    if (observation.arm == Arm::treatment)
      treatment_failed(observation, block, write_began);
    else
      control_failed(observation);
  }
  if (observation.outcome == Outcome::ok && observation.arm == Arm::control) {
    const auto ill = ill_controls_.find(observation.cell);
    if (ill != ill_controls_.end() && ++ill->second.oks_in_a_row >= kOksToClear)
      ill_controls_.erase(ill);
  }
  consider(observation.cell, block);
}

void Harm::treatment_failed(const Observation& observation, const Block* block,
                            flags::Moment write_began) {
  const auto [found, is_new] = suspicions_.try_emplace(observation.cell);
  Suspicion& suspicion = found->second;
  if (is_new) {
    suspicion.first_block = observation.block;
    suspicion.first_failed_write = write_began;
    suspicion.was_cleared_before = cleared_.contains(observation.cell);
    // The same block's control may have failed before its treatment did.
    // So may the control of an earlier one: the cell is ill with the flag off, too.
    suspicion.is_platform =
        ill_controls_.contains(observation.cell) ||
        (block != nullptr &&
         block->controls(observation.cell.field, observation.read) == Together::some_fail);
  }
  suspicion.loss_class = observation.loss_class;
  suspicion.failed_reads[observation.read] = observation.loss_class;
  suspicion.failed_blocks.insert(observation.block);
  suspicion.counted_blocks.clear();
}

void Harm::control_failed(const Observation& observation) {
  ill_controls_[observation.cell].oks_in_a_row = 0;
  const auto found = suspicions_.find(observation.cell);
  if (found != suspicions_.end()) found->second.is_platform = true;
}

void Harm::consider(const Cell& cell, const Block* block) {
  const auto found = suspicions_.find(cell);
  if (found == suspicions_.end() || block == nullptr) return;
  Suspicion& suspicion = found->second;
  ReadPoint read;
  if (!conviction_ && convicts(suspicion, cell, *block, read))
    conviction_ =
        Conviction{cell, suspicion.failed_reads.at(read), read, suspicion.first_failed_write};

  const std::uint64_t number = block->opened().block;
  if (suspicion.failed_blocks.contains(number)) return;
  for (const auto& [failed, loss_class] : suspicion.failed_reads) {
    const Together controls = block->controls(cell.field, failed);
    if (block->treatment(cell.field, failed) != Together::all_ok) return;
    if (controls == Together::waiting || controls == Together::some_fail) return;
  }
  suspicion.counted_blocks.insert(number);
  if (suspicion.counted_blocks.size() < kOksToClear) return;
  cleared_.insert(cell);
  suspicions_.erase(found);
}

bool Harm::convicts(const Suspicion& suspicion, const Cell& cell, const Block& block,
                    ReadPoint& read) const {
  const std::uint64_t number = block.opened().block;
  if (suspicion.is_platform || !suspicion.failed_blocks.contains(number)) return false;
  if (number == suspicion.first_block && !suspicion.was_cleared_before) return false;
  for (const auto& [failed, loss_class] : suspicion.failed_reads) {
    if (block.treatment(cell.field, failed) != Together::some_fail) continue;
    if (block.controls(cell.field, failed) != Together::all_ok) continue;
    read = failed;
    return true;
  }
  return false;
}

Harm::Finding Harm::finding() const {
  if (conviction_) return Finding::flag;
  Finding worst = Finding::none;
  for (const auto& [cell, suspicion] : suspicions_)
    worst = std::max(worst, suspicion.is_platform ? Finding::platform : Finding::suspect);
  return worst;
}

std::vector<Cell> Harm::suspects() const {
  std::vector<Cell> cells;
  for (const auto& [cell, suspicion] : suspicions_) cells.push_back(cell);
  return cells;
}

std::vector<Cell> Harm::ill_controls() const {
  std::vector<Cell> cells;
  for (const auto& [cell, illness] : ill_controls_)
    if (!suspicions_.contains(cell)) cells.push_back(cell);
  return cells;
}

std::string Harm::words() const {
  const auto name = [](const Cell& cell) {
    return cell.journey + ", " + cell.field + ", payload class " + cell.payload_class;
  };
  if (conviction_)
    return "lost with the flag on and not with it off: " + name(conviction_->cell) + ", read by " +
           conviction_->read.path + ": " + std::string(to_string(conviction_->loss_class));
  std::string words;
  for (const auto& [cell, suspicion] : suspicions_) {
    if (!words.empty()) words += "; ";
    words += suspicion.is_platform ? "lost in both arms, so the platform is to blame: "
                                   : "lost once with the flag on, being repeated: ";
    words += name(cell) + ": " + std::string(to_string(suspicion.loss_class)) + ", cleared by " +
             std::to_string(kOksToClear - suspicion.counted_blocks.size()) + " more oks in a row";
  }
  for (const Cell& cell : ill_controls()) {
    if (!words.empty()) words += "; ";
    words += "lost with the flag off: " + name(cell) + "; reverting is unsafe";
  }
  return words;
}

nlohmann::json Harm::durable() const {
  auto list = nlohmann::json::array();
  for (const auto& [cell, suspicion] : suspicions_) {
    nlohmann::json entry = to_json(cell);
    entry["first_block"] = suspicion.first_block;
    entry["first_failed_write_ms"] = suspicion.first_failed_write.wall.count();
    entry["loss_class"] = to_string(suspicion.loss_class);
    entry["is_platform"] = suspicion.is_platform;
    entry["was_cleared_before"] = suspicion.was_cleared_before;
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

Harm Harm::restore(const nlohmann::json& durable, flags::Moment now) {
  Harm harm;
  if (!durable.is_array()) return harm;
  for (const nlohmann::json& entry : durable) {
    if (!entry.is_object()) continue;
    const Cell cell{entry.value("journey", ""), entry.value("field", ""),
                    entry.value("payload_class", "")};
    Suspicion suspicion;
    suspicion.first_block = entry.value("first_block", std::uint64_t{0});
    suspicion.first_failed_write.wall =
        std::chrono::milliseconds(entry.value("first_failed_write_ms", std::int64_t{0}));
    suspicion.first_failed_write.boot = now.boot - (now.wall - suspicion.first_failed_write.wall);
    suspicion.loss_class = probes::parse_loss_class(entry.value("loss_class", ""))
                               .value_or(probes::LossClass::unrelated);
    suspicion.is_platform = entry.value("is_platform", false);
    suspicion.was_cleared_before = entry.value("was_cleared_before", false);
    for (const nlohmann::json& read : entry.value("failed_reads", nlohmann::json::array())) {
      const probes::ReadPoint point{read.value("path", ""), std::chrono::milliseconds(read.value(
                                                                "delay_ms", std::int64_t{0}))};
      suspicion.failed_reads[point] =
          probes::parse_loss_class(read.value("loss_class", "")).value_or(suspicion.loss_class);
    }
    suspicion.failed_blocks.insert(suspicion.first_block);
    harm.suspicions_.emplace(cell, std::move(suspicion));
  }
  return harm;
}

}  // namespace readback::guard
