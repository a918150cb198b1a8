#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>

// What a release engineer says of how much evidence decides. All probabilities and rates are in
// (0, 1); one rollout's chance of a false revert is stated for one budget of evidence, which ends
// with its horizon or a re-arm.

namespace readback::guard {

struct EvidenceOptions {
  enum class OnPlatformLoss { pause, revert };

  // p0: confirmed losses a probe that are no reason to revert, in any burst: the bound is on the
  // chance given all that was seen before.
  double baseline_loss_rate = 1e-5;
  // The chance that a flag that is no worse than that is ever reverted within the horizon, however
  // often it is looked at.
  double false_revert_probability = 1e-6;
  std::uint64_t horizon_probes = 1'000'000;
  // The chance that the flag, or the platform, is ever blamed falsely.
  double false_blame_probability = 0.01;
  // The chance that a flag whose probes are answered as control's are is ever paused for that.
  double false_pause_probability = 0.001;
  OnPlatformLoss on_platform_loss = OnPlatformLoss::pause;
  // A step is over once these bound what is lost: of each journey, field, path and delay with its
  // payload classes pooled, and of each payload class in them.
  double max_loss_rate = 0.01;
  double max_class_loss_rate = 0.2;
  // The chance that such a bound is wrong.
  double false_advance_probability = 0.05;
  // Writes of treatment in a row that pass the reads that had failed: until the lease may be back,
  // and until the cell is no longer suspect.
  unsigned oks_to_serve_again = 20;
  unsigned oks_to_clear = 3'000;

  friend bool operator==(const EvidenceOptions&, const EvidenceOptions&) = default;
};

// As the ledger keeps them; every number comes back bit for bit.
nlohmann::json to_json(const EvidenceOptions& options);
// What is missing or of another type has its default.
EvidenceOptions evidence_options_from_json(const nlohmann::json& json);

}  // namespace readback::guard
