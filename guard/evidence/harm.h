#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "guard/evidence/block.h"
#include "probes/observation.h"

// Is anything lost, and is it the flag? A value that takes observations and says what they amount
// to. The rule:
//
//  - A confirmed failure of treatment makes its cell (journey, field, payload class) suspect.
//  - A second failing write convicts the flag once all controls of its block were ok at the read
//    that failed. After the cell was suspect and cleared within this step, the first one does.
//  - A failure of control in a suspect cell blames the platform, until the cell is cleared.
//  - 20 writes of treatment in a row that pass the reads which had failed, in blocks without a
//    failure of control there, clear the cell.
//  - A failure of control elsewhere makes control ill: reverting is unsafe, advancing is not
//  proven.
//    20 oks of control in a row at that cell end it.
//
// Info and void never count for anything.

namespace readback::guard {

inline constexpr unsigned kOksToClear = 20;

struct Conviction {
  probes::Cell cell;
  probes::LossClass loss_class = probes::LossClass::unrelated;
  probes::ReadPoint read;
  flags::Moment first_failed_write;  // of the cell: when the trouble that was seen began
};

class Harm {
 public:
  enum class Finding { none, suspect, platform, flag };  // each worse than the one before it

  // `block` is the observation's own, in which it is recorded already; none if it was opened before
  // a restart, in which case its controls are not known.
  void observe(const probes::Observation& observation, const Block* block,
               flags::Moment write_began);

  Finding finding() const;
  const std::optional<Conviction>& conviction() const { return conviction_; }
  // Cells whose probes are repeated, with controls, until they are cleared or convicted.
  std::vector<probes::Cell> suspects() const;
  // Cells in which control failed and treatment did not.
  std::vector<probes::Cell> ill_controls() const;
  // What is suspected and why, for people; no note text.
  std::string words() const;

  // Forgets which cells were cleared: a new step begins.
  void begin_step() { cleared_.clear(); }

  // What of it must survive a restart: the suspicions, without the oks counted towards clearing.
  nlohmann::json durable() const;
  // Anything that cannot be read is left out. `now` tells what the stored wall times are in boot
  // time.
  static Harm restore(const nlohmann::json& durable, flags::Moment now);

 private:
  struct Suspicion {
    std::uint64_t first_block = 0;
    flags::Moment first_failed_write;
    probes::LossClass loss_class = probes::LossClass::unrelated;  // of the newest failure
    // What each of them found the last time: a search misses the record that a list shows cut.
    std::map<probes::ReadPoint, probes::LossClass> failed_reads;
    std::set<std::uint64_t> failed_blocks;
    std::set<std::uint64_t> counted_blocks;  // towards clearing
    bool is_platform = false;
    bool was_cleared_before = false;
  };
  struct Illness {
    unsigned oks_in_a_row = 0;
  };

  void treatment_failed(const probes::Observation& observation, const Block* block,
                        flags::Moment write_began);
  void control_failed(const probes::Observation& observation);
  void consider(const probes::Cell& cell, const Block* block);
  bool convicts(const Suspicion& suspicion, const probes::Cell& cell, const Block& block,
                probes::ReadPoint& read) const;

  std::map<probes::Cell, Suspicion> suspicions_;
  std::map<probes::Cell, Illness> ill_controls_;
  std::set<probes::Cell> cleared_;
  std::optional<Conviction> conviction_;
};

std::string_view to_string(Harm::Finding finding);
nlohmann::json to_json(const probes::Cell& cell);

}  // namespace readback::guard
