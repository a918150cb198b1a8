#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guard/evidence/restart_mixture.h"
#include "guard/evidence/window_table.h"

// How the chance of ever reverting a harmless flag is shared out: over the streams of evidence, and
// in each of them over the restart mixture and the window table. Every part is a union bound, so
// their sum holds under any dependence between streams.
//
// A stream is a cell (journey, field, payload class, path, delay) of treatment, or a pool of cells.
// The i-th stream of a group, in order of appearance, has 6 / (pi^2 i^2) of the group's share: a
// later one needs no renormalising. A group's streams share its sliding windows, since each probe
// is in one stream of each group.
//
// Values; pure; safe from any thread.

namespace readback::guard {

enum class StreamGroup { cell, all, field, payload_class, path, journey };
inline constexpr std::size_t kStreamGroups = 6;
std::string_view to_string(StreamGroup group);
std::optional<StreamGroup> parse_stream_group(std::string_view name);

// Sum at most 1. A group with share 0 has no streams.
struct StreamShares {
  double cell = 0.5;
  double all = 0.2;
  double field = 0.1;
  double payload_class = 0.1;
  double path = 0.1;
  double journey = 0;
  friend bool operator==(const StreamShares&, const StreamShares&) = default;
};

struct LossParameters {
  double p0 = 1e-5;                        // rate of loss that is taken for noise, a probe
  double false_revert_probability = 1e-6;  // a: ever, within the horizon
  std::uint64_t horizon = 1'000'000;       // probes of all cells together
  StreamShares shares{};
  double mixture_part = 0.5;     // of each stream's level; the windows have the rest
  double from_start_part = 0.5;  // of the windows' level; sliding ones have the rest
  MixtureParameters mixture{};   // its p0 and horizon are those above
  WindowSplit from_start = kFromStart;
  WindowSplit sliding = kSliding;
};

// The parameters to use for a platform of this noise; else as above. Quiet (p0 under 5e-5): half of
// each level to the mixture. Noisy: nine tenths, and default_spending().
LossParameters default_loss_parameters(double p0, double false_revert_probability = 1e-6,
                                       std::uint64_t horizon = 1'000'000);

// Why `parameters` can't be used, as one clause; nothing if they can.
std::optional<std::string> fault_of(const LossParameters& parameters);

// Derived once (some 10 ms), shared by all flags and rollouts that have the same parameters.
class LossTerms {
 public:
  // Streams of a group that have windows from the start; what later ones would have buys none.
  static constexpr unsigned kStreamsWithStart = 32;

  // Asserts that fault_of() finds none.
  explicit LossTerms(LossParameters parameters = {});

  const LossParameters& parameters() const { return parameters_; }
  const MixtureTerms& mixture() const { return mixture_; }
  double share(StreamGroup group) const;
  // Of the `index`-th stream of a group, from 0: its part of all.
  double share(StreamGroup group, std::size_t index) const;
  // log of what the mixture of this stream has to reach.
  double log_limit(StreamGroup group, std::size_t index) const;
  const std::vector<Window>& from_start(StreamGroup group, std::size_t index) const;
  const std::vector<Window>& sliding(StreamGroup group) const;

  // The chance of ever reverting a harmless flag: the exact tails of all windows, added up, and the
  // level of the mixtures. At most false_revert_probability.
  double bound() const;

 private:
  struct Group {
    std::vector<std::vector<Window>> from_start;  // by index
    std::vector<Window> sliding;
  };
  const Group& group(StreamGroup group) const { return groups_[static_cast<std::size_t>(group)]; }

  LossParameters parameters_;
  MixtureTerms mixture_;
  std::vector<Group> groups_;
};

}  // namespace readback::guard
