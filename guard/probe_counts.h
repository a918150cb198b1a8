#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "guard/clock.h"
#include "guard/void_reason.h"
#include "probes/observation.h"

// What probing did since the start, for metrics and status. Each only grows, but for the last
// block. Single-threaded.

namespace readback::guard {

struct ProbeCounts {
  // What a member of a block came to, once its reads within lease_within were settled.
  enum class Result { ok, fail, info, void_arm };

  using Rounds = std::tuple<std::string, std::string, probes::Arm, Result>;  // flag, journey
  // flag, field, path, delay
  using Reads = std::tuple<std::string, std::string, std::string, std::chrono::milliseconds,
                           probes::Arm, probes::Outcome>;
  // flag, field, payload class
  using Losses = std::tuple<std::string, std::string, std::string, probes::LossClass, probes::Arm>;

  // Seconds from the acknowledgement of a write to the read that found it: upper bounds.
  static constexpr std::array<double, 10> kLatencyBounds{0.01, 0.03, 0.1, 0.3, 1,
                                                         3,    10,   60,  600, 3'600};
  struct Latency {
    std::array<std::uint64_t, kLatencyBounds.size() + 1> counts{};  // not cumulative
    double sum_seconds = 0;
    void add(Duration latency);
  };

  std::map<Rounds, std::uint64_t> rounds;
  using Voids = std::tuple<std::string, probes::Arm, VoidReason>;  // flag
  std::map<Voids, std::uint64_t> voids;                            // of the rounds that are void
  std::map<Reads, std::uint64_t> reads;
  // A kind of loss that would be one too many is counted by flag and arm only: a product that loses
  // everything in every way must not drown its monitoring.
  static constexpr std::size_t kMostLosses = 500;
  std::map<Losses, std::uint64_t> losses;
  std::map<std::pair<std::string, probes::Arm>, std::uint64_t> losses_unlisted;
  void add_loss(const Losses& loss);
  std::map<std::string, Latency> latency;  // by path
  // Reads that never came to an answer (guard/settling.h): flag, journey, field, path, delay.
  using Unread = std::tuple<std::string, std::string, std::string, std::string,
                            std::chrono::milliseconds, probes::Arm>;
  std::map<Unread, std::uint64_t> never_read;
  // Flag: too few practitioners were free, or too many reads are pending.
  std::map<std::string, std::uint64_t> blocks_skipped;
  // What an application did whose evaluation fails (guard/orphan_probe.h).
  enum class Orphan { as_control, not_as_control, unknown };
  std::map<std::pair<std::string, Orphan>, std::uint64_t> orphans;  // by flag
  std::map<std::string, Orphan> last_orphan;                        // by flag
  std::map<std::string, std::uint64_t> removals_failed;             // flag: clean-up steps given up
};

std::string_view to_string(ProbeCounts::Result result);
std::string_view to_string(ProbeCounts::Orphan orphan);

}  // namespace readback::guard
