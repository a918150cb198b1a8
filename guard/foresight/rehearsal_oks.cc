// The half of a rehearsal in which nothing is lost.
#include <algorithm>
#include <utility>

#include "guard/foresight/rehearsal.h"

namespace readback::guard::foresight {

void Rehearsal::tell_oks() {
  FoundOk found;
  for (std::size_t journey = 0; journey < oks_.size(); ++journey) {
    Oks& oks = oks_[journey];
    for (std::size_t delay = 0; delay < oks.told.size(); ++delay) add_oks(journey, delay, found);
    const std::size_t over = *std::min_element(oks.told.begin(), oks.told.end());
    oks.blocks.erase(oks.blocks.begin(), oks.blocks.begin() + static_cast<std::ptrdiff_t>(over));
    for (std::size_t& told : oks.told) told -= over;
  }
  if (!found.groups.empty()) take(std::move(found));
}

void Rehearsal::add_oks(std::size_t journey, std::size_t delay, FoundOk& found) {
  const WalkTimes& walk = setting_->walks[journey];
  const auto& classes = setting_->plan.payload_classes;
  Oks& oks = oks_[journey];
  std::size_t& told = oks.told[delay];
  // A group is of this step, or it is not.
  std::vector<OkBlocks> groups(2 * classes.size());
  for (; told < oks.blocks.size(); ++told) {
    const Ok& block = oks.blocks[told];
    if (block.began + walk.delays[delay].ok > now_) break;
    const flags::Moment write = moment(block.began + walk.write);
    const bool is_of_step =
        write.boot > state_.step_began.boot && !state_.progress.is_forgotten(write);
    OkBlocks& group = groups[2 * block.payload_class + (is_of_step ? 1 : 0)];
    if (group.blocks++ == 0) group.first_write = write;
    group.last_write = write;
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    OkBlocks& group = groups[i];
    if (group.blocks == 0) continue;
    group.journey = setting_->plan.journeys[journey].name;
    group.payload_class = classes[i / 2];
    group.members = setting_->plan.controls + 1;
    group.delay = walk.delays[delay].delay;
    found.groups.push_back(std::move(group));
  }
}

}  // namespace readback::guard::foresight
