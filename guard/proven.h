#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "guard/clock.h"
#include "guard/terms.h"
#include "probes/observation.h"

// Up to when what treatment wrote is proven: `proven_until`, over the required streams and all of
// the plan's payload classes the oldest START of a latest write that passed all of its reads, the
// longest delay included. An application keeps what its users wrote since, and after a revert
// writes it again (configs/demo/notes_service/recovery.h).
//
// Without the payload classes a fault that only touches some texts would be overlooked: seen on a
// real service, all 82 fields with a letter beyond U+FFFF were dropped as proven, since probes of
// plain texts passed meanwhile.
//
// It says that a write of then came back, not that every one did: of a loss that hits all writes of
// a class nothing is missing that was kept since; of one that hits some, what was written before an
// ok probe may be lost all the same. So the first loss holds it back, until it is cleared.
//
// Bounded; single-threaded.

namespace readback::guard {

class Proven {
 public:
  // Writes whose reads aren't all settled; over this the oldest is forgotten, and proves nothing.
  static constexpr std::size_t kWrites = 20'000;

  // One read of one write is settled. Control and void arms prove nothing.
  void note(const Terms& terms, const probes::Observation& observation, WallTime write_began);

  // Nothing is suspect any more: losses of before hold nothing back.
  void clear_losses() { lost_since_.reset(); }

  // None before each required stream has such a write of each class, or where none is required.
  std::optional<WallTime> until(const Terms& terms) const;

 private:
  // By start, so that the oldest comes first; block, member and cell tell writes apart.
  using Write = std::tuple<WallTime, std::uint64_t, unsigned, probes::Cell>;

  std::map<Write, std::set<probes::ReadPoint>> passed_;
  std::map<probes::Cell, WallTime> latest_;
  std::optional<WallTime> lost_since_;
};

}  // namespace readback::guard
