#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "guard/evidence/harm.h"
#include "guard/store.h"

// Why a flag is as it is: the streams, counts, e-values, bounds and thresholds behind a state, as
// JSON and in words that a person reads at night. Recomputed from the ledger alone, and bit-equal
// to what was decided then. Pure.
//
// The keys are relied upon by scripts: they are added to, never renamed. Logarithms are natural;
// rates and probabilities are numbers, not per cent.
//
//   {"flag", "at_ms", "entries",          of the flag, up to that time
//    "last": null | {"at_ms", "kind", "by", "reason", "phase", "step"},   the last that is no
//    evidence "budget", "options": {as in the config}, "ruling": {"finding", "verdict", "blame"},
//    "words", "baseline": {"stated", "supported", "probes", "failures", "is_proven"}, "crossing":
//    null | {"group", "stream", "log_e", "log_limit", "probes", "failures", "words"}, "blame",
//    "not_ok": {"blocks", "blocks_that_tell", "log_e", "log_limit", "is_crossed"}, "streams":
//    [{"arm", "group", "name", "share", "probes", "failures", "log_e", "log_limit",
//                 "is_crossed"}],
//    "step": [{"journey", "field", "path", "delay_ms", "probes", "not_ok", "bound", "max"}],
//    "suspicions": [...]}                  as in the ledger

namespace readback::guard {

// Of what is known now, or was then. Without "flag", "at_ms", "entries" and "last".
nlohmann::json explain(const Harm& harm);

// The ledger's entries of one flag, up to a time.
class Explanation {
 public:
  Explanation(std::string flag, std::optional<WallTime> until)
      : flag_(std::move(flag)), until_(until) {}

  void take(const Entry& entry);
  bool is_known() const { return entries_ > 0; }
  nlohmann::json json() const;

 private:
  std::string flag_;
  std::optional<WallTime> until_;
  std::uint64_t entries_ = 0;
  WallTime at_{};
  nlohmann::json last_;
  std::optional<Harm> harm_;
};

// Throws nlohmann::json::exception on what is none of the JSON above.
std::string explain_text(const nlohmann::json& explanation);

}  // namespace readback::guard
