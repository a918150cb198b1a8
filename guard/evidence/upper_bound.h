#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// How much may be lost although the probes came back: an upper bound on the rate of loss that holds
// at all times at once. Against "each probe fails with a chance of at least r" the bet
//   e(r) = sum_i w_i th_i^k ((1 - th_i r) / (1 - r))^(n - k),    k failures of n probes,
// is a supermartingale; u is the largest r that it does not refute: e(r) < 1/delta.
//
// Info counts as a failure here. Only probes of the present step count, since a past bounds no
// present rate. Where several cells must all pass, each at delta, no correction for their number is
// needed. A pooled u bounds the mean of the pool: one class with share s of it, by u / s.
//
// Values; pure; safe from any thread.

namespace readback::guard {

struct UpperBoundParameters {
  double delta = 0.05;                           // in (0, 1)
  std::vector<double> ratios{0, 0.25, 0.5};      // th, in [0, 1)
  std::vector<double> weights{0.9, 0.05, 0.05};  // w; sum 1
};

// Why `parameters` can't be used, as one clause; nothing if they can.
std::optional<std::string> fault_of(const UpperBoundParameters& parameters);

// log e(r), r in [0, 1). `failed` <= `probes`.
double log_e_against_rate(double rate, std::uint64_t probes, std::uint64_t failed,
                          const UpperBoundParameters& parameters = {});

// u, in [0, 1]; 1 if nothing is refuted. To about 14 digits.
double upper_bound(std::uint64_t probes, std::uint64_t failed,
                   const UpperBoundParameters& parameters = {});

// Whether u < `rate`, without a search: what an advance asks of each field and class.
bool is_under(double rate, std::uint64_t probes, std::uint64_t failed,
              const UpperBoundParameters& parameters = {});

// How many probes, `failed` of them failures, it takes to bring u under `rate` (in (0, 1)):
// 305 for 1 % and 3,063 for 0.1 % at a delta of 5 %, without a failure; the first term alone would
// need 309 and 3,101.
std::uint64_t probes_needed(double rate, std::uint64_t failed = 0,
                            const UpperBoundParameters& parameters = {});

}  // namespace readback::guard
