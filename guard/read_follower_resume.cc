#include <algorithm>
#include <utility>

#include "guard/read_follower.h"
#include "guard/settling.h"

// What an earlier process left to be read and removed.

namespace readback::guard {
namespace {

// What was written lies in the past, whatever a wall clock that was set back says.
flags::Moment moment_of(WallTime began, flags::Moment now) {
  return {std::min<Duration>(now.boot, now.boot - (now.wall - began)), began};
}

}  // namespace

void ReadFollower::resume(const std::vector<PendingRead>& left) {
  const WallTime wall = around_.clock.wall();
  const TimePoint now = around_.clock.now();
  resume_blocks(left);
  for (const PendingRead& row : left) {
    if (row.flag != subject_.flag || !row.task.is_object()) continue;
    rows_[row.id] = row;
    const std::string group = row.task.value("group", "");
    if (row.task.value("kind", "") == "removal") {
      auto removal = probes::removal_from_json(row.task.value("removal", nlohmann::json()));
      if (removal.has_value()) groups_[group].removals.push_back(std::move(*removal));
      continue;
    }
    auto read_back = probes::read_back_from_json(row.task.value("read_back", nlohmann::json()));
    if (read_back.has_error()) continue;
    const WallTime due(row.task.value("due_ms", std::int64_t{0}));
    const WallTime began(row.task.value("write_began_ms", std::int64_t{0}));
    ++groups_[group].outstanding;
    ++pending_;
    const TimePoint soonest = now + (due - wall), latest = now + read_back->read.delay;
    Followed followed{row.id,
                      group,
                      std::move(*read_back),
                      moment_of(began, around_.clock.moment()),
                      std::min(soonest, latest),
                      row.task.value("is_whole", true)};
    Settling settling(subject_.plan, followed.read_back, followed.due);
    tasks_.start(read_later(std::move(followed), std::move(settling)));
  }
  for (auto next = groups_.begin(); next != groups_.end();) {
    const bool has_reads = next->second.outstanding > 0;
    if (!has_reads) tasks_.start(remove(next->first, next->second.removals));
    next = has_reads ? std::next(next) : groups_.erase(next);
  }
}

// The decider has to know the blocks before it hears of their reads.
void ReadFollower::resume_blocks(const std::vector<PendingRead>& left) {
  const flags::Moment now = around_.clock.moment();
  std::map<std::uint64_t, BlockResumed> blocks;
  for (const PendingRead& row : left) {
    if (row.flag != subject_.flag || !row.task.is_object()) continue;
    if (row.task.value("kind", "") != "read") continue;
    const auto read_back =
        probes::read_back_from_json(row.task.value("read_back", nlohmann::json()));
    const unsigned members = row.task.value("members", 0U);
    const unsigned treatment = row.task.value("treatment", 0U);
    if (read_back.has_error() || treatment >= members || read_back->member >= members) continue;
    const WallTime began(row.task.value("block_began_ms", std::int64_t{0}));
    BlockResumed& resumed = blocks[read_back->block];
    resumed.opened.block = read_back->block;
    resumed.opened.journey = read_back->record.journey;
    resumed.opened.payload_class = read_back->payload_class;
    resumed.opened.members = members;
    resumed.opened.treatment = treatment;
    resumed.opened.began = moment_of(began, now);
    for (const probes::WrittenField& field : read_back->fields)
      resumed.unread.push_back({read_back->member, field.field, read_back->read});
  }
  for (auto& [number, resumed] : blocks) around_.decider.tell(subject_.flag, std::move(resumed));
}

}  // namespace readback::guard
