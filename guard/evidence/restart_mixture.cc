#include "guard/evidence/restart_mixture.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "guard/evidence/log_sum.h"

namespace readback::guard {
namespace {

using Json = nlohmann::json;

// JSON has no infinities: null is the logarithm of zero.
Json to_json(double log) {
  return log == kLogZero ? Json() : Json(log);
}

bool is_log(const Json& json) {
  return json.is_null() || json.is_number();
}

double log_of(const Json& json) {
  return json.is_null() ? kLogZero : json.get<double>();
}

}  // namespace

void set_default_grid(MixtureParameters& parameters) {
  constexpr int kAbove = 16, kBelow = 8;
  const double p0 = parameters.p0;
  const double from = std::max(1e-3, 3 * p0), lowest = 1.5 * p0;
  parameters.grid.clear();
  parameters.weights.clear();
  for (int i = 0; i < kBelow; ++i) {
    parameters.grid.push_back(lowest * std::pow(from / lowest, static_cast<double>(i) / kBelow));
    parameters.weights.push_back(0.02 / kBelow);
  }
  for (int i = 0; i < kAbove; ++i) {
    const double p = std::pow(from, static_cast<double>(kAbove - 1 - i) / (kAbove - 1));
    parameters.grid.push_back(p);
    parameters.weights.push_back(0.98 / kAbove);
  }
}

std::optional<std::string> fault_of(const MixtureParameters& parameters) {
  const Spending& spending = parameters.spending;
  if (!(parameters.p0 >= 1e-12 && parameters.p0 <= 0.1)) return "p0 is not in 1e-12 to 0.1";
  if (parameters.grid.size() > 1'000) return "a grid of more than 1000 rates";
  for (const double p : parameters.grid)
    if (!(p > parameters.p0 && p <= 1)) return "a rate of the grid is not over p0, to 1";
  if (!parameters.weights.empty() && parameters.weights.size() != parameters.grid.size())
    return "not as many weights as rates";
  for (const double weight : parameters.weights)
    if (!(weight > 0 && weight <= 1e12)) return "a weight is not positive";
  if (!(spending.at_start >= 0 && spending.evenly >= 0 && spending.step_ratio >= 0 &&
        spending.step_ratio < 1))
    return "a part of the spending is negative, or the ratio of steps not under 1";
  if (spending.at_start / (1 - spending.step_ratio) + spending.evenly > 1 + 1e-12)
    return "more than the whole capital is spent";
  if (spending.horizon == 0) return "the horizon is 0";
  return std::nullopt;
}

MixtureTerms::MixtureTerms(MixtureParameters parameters) : parameters_(std::move(parameters)) {
  if (parameters_.grid.empty()) set_default_grid(parameters_);
  if (parameters_.weights.empty()) parameters_.weights.assign(parameters_.grid.size(), 1);
  assert(!fault_of(parameters_));
  double sum = 0;
  for (const double weight : parameters_.weights) sum += weight;
  const double p0 = parameters_.p0;
  for (std::size_t i = 0; i < parameters_.grid.size(); ++i) {
    const double p = parameters_.grid[i];
    points_.push_back({.log_weight = std::log(parameters_.weights[i] / sum),
                       .up = p / p0,
                       .down = (1 - p) / (1 - p0),
                       .log_up = std::log(p / p0),
                       .log_down = std::log1p(-p) - std::log1p(-p0),
                       .log_gap = std::log((p - p0) / (1 - p0))});
  }
  log_even_ =
      std::log(parameters_.spending.evenly / static_cast<double>(parameters_.spending.horizon));
}

RestartMixture::RestartMixture(const MixtureTerms& terms, double log_limit)
    : log_limit_(log_limit) {
  const double log_start = std::log(terms.parameters_.spending.at_start);
  for (const auto& point : terms.points_) log_capital_.push_back(log_start + point.log_weight);
  look(terms);
}

void RestartMixture::oks(const MixtureTerms& terms, std::uint64_t count) {
  for (; is_eager_ && count > 0; --count) ok_one_by_one(terms, 1);
  probes_ += count;
  waiting_ += count;
}

void RestartMixture::batch(const MixtureTerms& terms, unsigned size, unsigned failed) {
  assert(size > 0 && failed <= size);
  if (failed == 0) {
    if (is_eager_) {
      ok_one_by_one(terms, size);
    } else {
      ++probes_;
      ++waiting_;
    }
    return;
  }
  settle(terms);
  stake_evenly(terms);
  ++probes_;
  const double part = static_cast<double>(failed) / size;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const auto& point = terms.points_[i];
    log_capital_[i] +=
        failed == size ? point.log_up : std::log(part * point.up + (1 - part) * point.down);
  }
  look(terms);
}

void RestartMixture::step(const MixtureTerms& terms) {
  settle(terms);
  ++steps_;
  const Spending& spending = terms.parameters_.spending;
  const double log_stake =
      log_scale_ + std::log(spending.at_start) + steps_ * std::log(spending.step_ratio);
  for (std::size_t i = 0; i < terms.size(); ++i)
    log_capital_[i] = log_sum(log_capital_[i], log_stake + terms.points_[i].log_weight);
  look(terms);
}

double RestartMixture::log_e(const MixtureTerms& terms) const {
  std::vector<double> logs{log_reserve(terms)};
  for (std::size_t i = 0; i < terms.size(); ++i) logs.push_back(capital(terms, i));
  return log_sum(logs);
}

// n oks take R to R d^n + s w d (1 - d^n) / (1 - d), d = down.
double RestartMixture::capital(const MixtureTerms& terms, std::size_t i) const {
  double log = log_capital_[i];
  if (waiting_ == 0) return log;
  const auto& point = terms.points_[i];
  const std::uint64_t begun = probes_ - waiting_, horizon = terms.parameters_.spending.horizon;
  const std::uint64_t within = begun < horizon ? std::min(waiting_, horizon - begun) : 0;
  if (within > 0) {
    const double log_fall = static_cast<double>(within) * point.log_down;
    const double log_staked = log_scale_ + terms.log_even_ + point.log_weight + point.log_down +
                              log_one_minus_exp(log_fall) - point.log_gap;
    log = log_sum(log + log_fall, log_staked);
  }
  if (within < waiting_) log += static_cast<double>(waiting_ - within) * point.log_down;
  return log;
}

double RestartMixture::log_reserve(const MixtureTerms& terms) const {
  const Spending& spending = terms.parameters_.spending;
  const double steps = spending.at_start * (1 - std::pow(spending.step_ratio, steps_ + 1)) /
                       (1 - spending.step_ratio);
  const double evenly = spending.evenly * static_cast<double>(std::min(probes_, spending.horizon)) /
                        static_cast<double>(spending.horizon);
  return log_scale_ + std::log(std::max(0.0, 1 - steps - evenly));
}

void RestartMixture::settle(const MixtureTerms& terms) {
  if (waiting_ == 0) return;
  for (std::size_t i = 0; i < terms.size(); ++i) log_capital_[i] = capital(terms, i);
  waiting_ = 0;
}

void RestartMixture::stake_evenly(const MixtureTerms& terms) {
  if (probes_ >= terms.parameters_.spending.horizon) return;
  for (std::size_t i = 0; i < terms.size(); ++i)
    log_capital_[i] =
        log_sum(log_capital_[i], log_scale_ + terms.log_even_ + terms.points_[i].log_weight);
}

// What a fail would win over the limit is of no use there, so an ok may have its worth. Of a batch
// that may fail together in any way the worst is that never two of it fail.
void RestartMixture::ok_one_by_one(const MixtureTerms& terms, unsigned size) {
  const double log_before = log_e(terms);
  stake_evenly(terms);
  ++probes_;
  const double part = 1.0 / size;
  std::vector<double> if_ok{log_reserve(terms)}, if_fail = if_ok;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const auto& point = terms.points_[i];
    if_fail.push_back(log_capital_[i] + std::log(part * point.up + (1 - part) * point.down));
    log_capital_[i] += point.log_down;
    if_ok.push_back(log_capital_[i]);
  }
  const double log_ok = log_sum(if_ok);
  const double chance = terms.parameters_.p0 * size;  // of any fail, at most
  const double left = std::exp(log_before - log_limit_) - chance;
  if (log_sum(if_fail) > log_limit_ && log_ok > kLogZero && chance < 1 && left > 0) {
    const double log_gain = log_limit_ + std::log(left) - std::log1p(-chance) - log_ok;
    for (double& log : log_capital_) log += log_gain;
    log_scale_ += log_gain;
  }
  look(terms);
}

void RestartMixture::look(const MixtureTerms& terms) {
  is_crossed_ = is_crossed_ || reaches(log_e(terms), log_limit_);
  is_eager_ = terms.parameters_.boost && !is_crossed_ && most_after_a_fail(terms) > log_limit_;
}

// Over all numbers of oks before that fail: each capital moves towards s w d / (1 - d), so none is
// ever above the larger of that and what it is.
double RestartMixture::most_after_a_fail(const MixtureTerms& terms) const {
  const double log_even = log_scale_ + terms.log_even_;
  std::vector<double> logs{log_reserve(terms)};
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const auto& point = terms.points_[i];
    const double settled = log_even + point.log_weight + point.log_down - point.log_gap;
    logs.push_back(point.log_up +
                   log_sum(std::max(log_capital_[i], settled), log_even + point.log_weight));
  }
  return log_sum(logs);
}

Json RestartMixture::snapshot() const {
  Json capital = Json::array();
  for (const double log : log_capital_) capital.push_back(to_json(log));
  return {{"log_capital", capital}, {"log_scale", log_scale_}, {"log_limit", log_limit_},
          {"probes", probes_},      {"waiting", waiting_},     {"steps", steps_},
          {"crossed", is_crossed_}};
}

std::optional<RestartMixture> RestartMixture::restore(const MixtureTerms& terms,
                                                      const Json& snapshot) {
  if (!snapshot.is_object()) return std::nullopt;
  const Json capital = snapshot.value("log_capital", Json());
  if (!capital.is_array() || capital.size() != terms.size() ||
      !std::all_of(capital.begin(), capital.end(), is_log))
    return std::nullopt;
  for (const char* name : {"log_scale", "log_limit"})
    if (!snapshot.contains(name) || !snapshot.at(name).is_number()) return std::nullopt;
  for (const char* name : {"probes", "waiting", "steps"})
    if (!snapshot.contains(name) || !snapshot.at(name).is_number_unsigned()) return std::nullopt;
  if (!snapshot.contains("crossed") || !snapshot.at("crossed").is_boolean()) return std::nullopt;

  RestartMixture restored;
  for (const Json& log : capital) restored.log_capital_.push_back(log_of(log));
  restored.log_scale_ = snapshot.at("log_scale").get<double>();
  restored.log_limit_ = snapshot.at("log_limit").get<double>();
  restored.probes_ = snapshot.at("probes").get<std::uint64_t>();
  restored.waiting_ = snapshot.at("waiting").get<std::uint64_t>();
  restored.steps_ = snapshot.at("steps").get<unsigned>();
  restored.is_crossed_ = snapshot.at("crossed").get<bool>();
  if (restored.waiting_ > restored.probes_) return std::nullopt;
  restored.look(terms);
  return restored;
}

}  // namespace readback::guard
