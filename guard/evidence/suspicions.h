#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "flags/lease.h"
#include "guard/evidence/options.h"
#include "probes/observation.h"

// Which cells failed, and how far they are from being cleared.
//
// A confirmed failure of treatment makes its cell (journey, field, payload class) suspect: the
// lease is withdrawn, and the cell is probed at once, again and again. After `oks_to_serve_again`
// writes in a row that passed the reads that had failed, in blocks without a failure of control
// there, it is watched: the lease may be back, and half of the probes go to the cell. After
// `oks_to_clear` it is cleared. A failure of control makes control of its cell ill, until as many
// oks of it in a row.

namespace readback::guard {

// A confirmed one.
struct Failure {
  probes::Arm arm = probes::Arm::treatment;
  probes::Cell cell;
  probes::ReadPoint read;
  probes::LossClass loss_class = probes::LossClass::unrelated;
  std::uint64_t block = 0;
  unsigned member = 0;
  flags::Moment write_began;
};

struct Suspicion {
  flags::Moment first_failed_write;
  unsigned failures = 0;  // reads of writes
  // What each of them found the last time: a search misses the record that a list shows cut.
  std::map<probes::ReadPoint, probes::LossClass> failed_reads;
  std::uint64_t oks_in_a_row = 0;
};

class Suspicions {
 public:
  using Cells = std::map<probes::Cell, Suspicion>;

  void fail(const Failure& failure);
  // `count` writes in a row passed the reads that had failed.
  void pass(probes::Arm arm, const probes::Cell& cell, std::uint64_t count,
            const EvidenceOptions& options);

  const Cells& suspects() const { return of_treatment_; }
  const Cells& ill_controls() const { return of_control_; }
  const Suspicion* find(probes::Arm arm, const probes::Cell& cell) const;  // null if there is none

  // Of treatment: repeated at once, and the lease is withdrawn for them; or served again, and not
  // cleared.
  std::vector<probes::Cell> pausing(const EvidenceOptions& options) const;
  std::vector<probes::Cell> watched(const EvidenceOptions& options) const;
  bool is_pausing(const EvidenceOptions& options) const;

  // For who reads the ledger.
  nlohmann::json to_json() const;

 private:
  Cells of_treatment_;
  Cells of_control_;
};

nlohmann::json to_json(const probes::Cell& cell);
std::string to_words(const probes::Cell& cell);

}  // namespace readback::guard
