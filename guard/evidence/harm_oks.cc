// The part of Harm that takes many blocks at once.
#include "guard/evidence/harm.h"

namespace readback::guard {

bool Harm::add_known_oks(const OkBlocks& blocks) {
  const auto found = ok_places_.find({blocks.journey, blocks.payload_class, blocks.delay});
  if (found == ok_places_.end()) return false;
  treatment_.add_oks(rule_.treatment, found->second.treatment, blocks.blocks);
  control_.add_oks(rule_.control, found->second.control, blocks.blocks);
  return true;
}

void Harm::add_oks(const OkBlocks& blocks, const std::vector<SettledRead>& of_one) {
  if (of_one.empty()) return;
  std::vector<SettledRead> of_controls;
  for (unsigned member = 1; member < blocks.members; ++member)
    of_controls.insert(of_controls.end(), of_one.begin(), of_one.end());
  ok_places_[{blocks.journey, blocks.payload_class, blocks.delay}] = {
      treatment_.places(rule_.treatment, of_one), control_.places(rule_.control, of_controls)};
  add_known_oks(blocks);
}

void Harm::bet_quiet(Bet bet, unsigned members, std::uint64_t blocks) {
  process(bet).add_quiet(blocks);
  note_more({"quiet", bet == Bet::loss ? "loss" : "not_ok", members, blocks}, 3);
  if (bet != Bet::not_ok || !not_ok_.crosses()) return;
  note_more(nlohmann::json::array({"well", blocks}), 1);
  note_well(blocks);
}

void Harm::count_oks(const probes::Cell& cell, const probes::ReadPoint& read, std::uint64_t count) {
  const StepEvidence::Count oks{count, 0, false};
  step_.add(rule_.options, cell, read, oks);
  note_count(cell, read, oks);
}

}  // namespace readback::guard
