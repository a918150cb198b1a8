#include "guard/evidence/loss_terms.h"

#include <array>
#include <cassert>
#include <cmath>
#include <numbers>

namespace readback::guard {
namespace {

constexpr std::array<std::string_view, kStreamGroups> kNames{"cell",          "all",  "field",
                                                             "payload_class", "path", "journey"};

double share_of(const StreamShares& shares, StreamGroup group) {
  switch (group) {
    case StreamGroup::cell:
      return shares.cell;
    case StreamGroup::all:
      return shares.all;
    case StreamGroup::field:
      return shares.field;
    case StreamGroup::payload_class:
      return shares.payload_class;
    case StreamGroup::path:
      return shares.path;
    case StreamGroup::journey:
      break;
  }
  return shares.journey;
}

MixtureParameters mixture_of(LossParameters& parameters) {
  parameters.mixture.p0 = parameters.p0;
  parameters.mixture.spending.horizon = parameters.horizon;
  return parameters.mixture;
}

bool is_part(double number) {
  return number >= 0 && number <= 1;
}

}  // namespace

std::string_view to_string(StreamGroup group) {
  return kNames[static_cast<std::size_t>(group)];
}

std::optional<StreamGroup> parse_stream_group(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<StreamGroup>(i);
  return std::nullopt;
}

LossParameters default_loss_parameters(double p0, double false_revert_probability,
                                       std::uint64_t horizon) {
  LossParameters parameters;
  parameters.p0 = p0;
  parameters.false_revert_probability = false_revert_probability;
  parameters.horizon = horizon;
  parameters.mixture_part = is_noisy(p0) ? 0.9 : 0.5;
  parameters.mixture.spending = default_spending(p0, horizon);
  return parameters;
}

std::optional<std::string> fault_of(const LossParameters& parameters) {
  LossParameters copy = parameters;
  if (const auto fault = fault_of(mixture_of(copy))) return fault;
  if (!(parameters.false_revert_probability > 0 && parameters.false_revert_probability <= 0.1))
    return "the false revert probability is not over 0, to 0.1";
  double sum = 0;
  for (std::size_t i = 0; i < kStreamGroups; ++i) {
    const double share = share_of(parameters.shares, static_cast<StreamGroup>(i));
    if (!is_part(share)) return "a share is not in 0 to 1";
    sum += share;
  }
  if (sum > 1 + 1e-12) return "the shares are more than 1";
  if (!is_part(parameters.mixture_part)) return "the mixture's part is not in 0 to 1";
  if (!is_part(parameters.from_start_part)) return "the part from the start is not in 0 to 1";
  for (const WindowSplit* split : {&parameters.from_start, &parameters.sliding}) {
    if (split->least_failures < 2 || split->most_failures > 64)
      return "windows of fewer than 2 or more than 64 failures";
    if (!(is_part(split->first) && split->ratio >= 0 && split->ratio < 1 &&
          split->first <= 1 - split->ratio + 1e-12))
      return "the windows' split is more than 1";
  }
  return std::nullopt;
}

LossTerms::LossTerms(LossParameters parameters)
    : parameters_(std::move(parameters)), mixture_(mixture_of(parameters_)) {
  assert(!fault_of(parameters_));
  const double windows = parameters_.false_revert_probability * (1 - parameters_.mixture_part);
  const double p0 = parameters_.p0;
  for (std::size_t i = 0; i < kStreamGroups; ++i) {
    const auto name = static_cast<StreamGroup>(i);
    Group& group = groups_.emplace_back();
    if (share(name) == 0) continue;
    group.sliding = windows_sliding(p0, windows * (1 - parameters_.from_start_part) * share(name),
                                    parameters_.sliding, parameters_.horizon);
    const unsigned count = name == StreamGroup::all ? 1 : kStreamsWithStart;
    for (std::size_t index = 0; index < count; ++index)
      group.from_start.push_back(
          windows_from_start(p0, windows * parameters_.from_start_part * share(name, index),
                             parameters_.from_start, parameters_.horizon));
  }
}

double LossTerms::share(StreamGroup group) const {
  return share_of(parameters_.shares, group);
}

double LossTerms::share(StreamGroup group, std::size_t index) const {
  if (group == StreamGroup::all) return index == 0 ? share(group) : 0;
  const double i = static_cast<double>(index) + 1;
  return share(group) * 6 / (std::numbers::pi * std::numbers::pi * i * i);
}

double LossTerms::log_limit(StreamGroup group, std::size_t index) const {
  return -std::log(parameters_.false_revert_probability * parameters_.mixture_part *
                   share(group, index));
}

const std::vector<Window>& LossTerms::from_start(StreamGroup name, std::size_t index) const {
  static const std::vector<Window> kNone;
  const auto& tables = group(name).from_start;
  return index < tables.size() ? tables[index] : kNone;
}

const std::vector<Window>& LossTerms::sliding(StreamGroup name) const {
  return group(name).sliding;
}

double LossTerms::bound() const {
  double bound = 0;
  for (std::size_t i = 0; i < kStreamGroups; ++i) {
    bound += parameters_.false_revert_probability * parameters_.mixture_part *
             share(static_cast<StreamGroup>(i));
    bound += bound_sliding(parameters_.p0, groups_[i].sliding, parameters_.horizon);
    for (const auto& table : groups_[i].from_start)
      bound += bound_from_start(parameters_.p0, table);
  }
  return bound;
}

}  // namespace readback::guard
