#pragma once

#include <algorithm>
#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "flags/flag.h"
#include "guard/evidence/needs.h"
#include "probes/plan.h"

// What a config promises: how long a treatment that loses text can go on, and how long a rollout
// takes at least. Derived, so that people see what they chose before they start. Pure.
//
// The bounds hold for probed classes of loss only, and E_hard for clients that honour the stamp.

namespace readback::guard {

struct Configuration;

// What the bounds take from the config beside flag and plan.
struct Delays {
  std::chrono::milliseconds decision{5'000};  // L: a loop that lags longer is ended by the watchdog
  std::chrono::milliseconds delivery{250};    // V: an answer later than that is not waited for
  std::chrono::milliseconds kept{0};          // A: how long the application keeps an answer
  std::chrono::milliseconds commit{5'000};    // I: from an evaluation to the commit
  std::chrono::milliseconds clock_error{1'000};  // s
};

// Those of a config: an answer that comes after the application's time-out is not waited for.
Delays delays_of(const Configuration& configuration);

struct StepBounds {
  flags::Share share;
  std::chrono::milliseconds minimum_time{};
  // Until each required journey and field has its evidence, longest re-read included, if every
  // round is ok.
  std::chrono::milliseconds evidence_time{};
  std::chrono::milliseconds at_least() const { return std::max(minimum_time, evidence_time); }
};

struct Bounds {
  std::chrono::milliseconds gap{};    // longest between two starts of one stream: P (1 + j)
  std::chrono::milliseconds round{};  // R: from a round's start to its verdict, confirmed
  std::chrono::milliseconds max_evidence_age{};          // M
  std::chrono::milliseconds minimum_max_evidence_age{};  // 3 gap + R
  unsigned lost_rounds = 0;  // in a row that the lease survives: (M - 5 s - R) / gap, at least 2
  std::chrono::milliseconds pause{};  // E_pause = gap + R + L + V + A + I
  // E_latch = E_pause + (k - 1) R, for a flag that loses everything; k after a healthy past.
  std::chrono::milliseconds latch{};
  std::chrono::milliseconds hard{};  // E_hard = M + s + A + I
  // A loss that only shows at the longest re-read: delay + gap + R + V + A + I.
  std::chrono::milliseconds longest_delay{};
  std::chrono::milliseconds delayed{};
  EvidenceNeeds needs;
  std::vector<StepBounds> steps;
  std::chrono::milliseconds rollout{};  // the steps and the bake

  bool holds() const { return max_evidence_age >= minimum_max_evidence_age; }
};

Bounds derive_bounds(const flags::Rollout& rollout, const probes::Plan& plan, const Delays& delays,
                     const EvidenceNeeds& needs = {});

// For people, a line each; for programs, in milliseconds.
std::string to_text(const Bounds& bounds);
nlohmann::json to_json(const Bounds& bounds);

}  // namespace readback::guard
