#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "guard/evidence/options.h"
#include "guard/evidence/upper_bound.h"
#include "guard/terms.h"

// What the probes of the present step bound: how much may be lost although they came back. A step
// is over once each required journey, field, path and delay has its bound with its payload classes
// pooled, and each payload class of it its own. Info counts as a failure; what was begun before the
// step, or before a restart, does not count at all: no past bounds a present rate.

namespace readback::guard {

class StepEvidence {
 public:
  struct Count {
    std::uint64_t probes = 0;
    std::uint64_t not_ok = 0;
    bool is_under = false;  // its bound
  };
  using Pool = std::tuple<std::string, std::string, probes::ReadPoint>;  // journey, field

  void add(const EvidenceOptions& options, const probes::Cell& cell, const probes::ReadPoint& read,
           const Count& count);
  void begin() { *this = {}; }

  const std::map<Pool, Count>& pools() const { return pools_; }

  // What is missing most in the order of `terms`, as one clause for people; empty: nothing.
  std::string missing(const Terms& terms) const;
  // Of each required journey at least so many blocks more, all of them ok, until nothing is; the
  // payload classes take turns.
  std::uint64_t blocks_missing(const Terms& terms) const;

 private:
  std::map<Pool, Count> pools_;
  std::map<std::pair<Pool, std::string>, Count> classes_;  // and payload class
};

UpperBoundParameters bound_parameters(const EvidenceOptions& options);

}  // namespace readback::guard
