#include "guard/evidence/restart_mixture.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

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

RestartMixture::RestartMixture(const MixtureTerms& terms, double log_limit)
    : log_limit_(log_limit) {
  const double log_start = std::log(terms.parameters().spending.at_start);
  for (const auto& point : terms.points()) log_capital_.push_back(log_start + point.log_weight);
  look(terms);
}

void RestartMixture::oks(const MixtureTerms& terms, std::uint64_t count) {
  for (; takes_one_by_one() && count > 0; --count) ok_near(terms, 1);
  probes_ += count;
  waiting_ += count;
}

void RestartMixture::batch(const MixtureTerms& terms, unsigned size, unsigned failed) {
  assert(size > 0 && failed <= size);
  if (failed == 0) {
    if (takes_one_by_one()) {
      ok_near(terms, size);
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
    const auto& point = terms.points()[i];
    log_capital_[i] +=
        failed == size ? point.log_up : std::log(part * point.up + (1 - part) * point.down);
  }
  look(terms);
}

void RestartMixture::step(const MixtureTerms& terms) {
  settle(terms);
  ++steps_;
  const Spending& spending = terms.parameters().spending;
  const double log_stake =
      log_scale_ + std::log(spending.at_start) + steps_ * std::log(spending.step_ratio);
  for (std::size_t i = 0; i < terms.size(); ++i)
    log_capital_[i] = log_sum(log_capital_[i], log_stake + terms.points()[i].log_weight);
  look(terms);
}

double RestartMixture::log_e(const MixtureTerms& terms) const {
  if (takes_one_by_one()) return log_limit_ + std::log(near_sum(terms));
  std::vector<double> logs{log_reserve(terms)};
  for (std::size_t i = 0; i < terms.size(); ++i) logs.push_back(capital(terms, i));
  return log_sum(logs);
}

// n oks take R to R d^n + s w d (1 - d^n) / (1 - d), d = down.
double RestartMixture::capital(const MixtureTerms& terms, std::size_t i) const {
  double log = log_capital_[i];
  if (waiting_ == 0) return log;
  const auto& point = terms.points()[i];
  const std::uint64_t begun = probes_ - waiting_, horizon = terms.parameters().spending.horizon;
  const std::uint64_t within = begun < horizon ? std::min(waiting_, horizon - begun) : 0;
  if (within > 0) {
    const double log_fall = static_cast<double>(within) * point.log_down;
    const double log_staked = log_scale_ + terms.log_even() + point.log_weight + point.log_down +
                              log_one_minus_exp(log_fall) - point.log_gap;
    log = log_sum(log + log_fall, log_staked);
  }
  if (within < waiting_) log += static_cast<double>(waiting_ - within) * point.log_down;
  return log;
}

// Of the capital 1, what was not yet staked.
double RestartMixture::reserve_part(const MixtureTerms& terms) const {
  const Spending& spending = terms.parameters().spending;
  const double steps = spending.at_start * (1 - std::pow(spending.step_ratio, steps_ + 1)) /
                       (1 - spending.step_ratio);
  const double evenly = spending.evenly * static_cast<double>(std::min(probes_, spending.horizon)) /
                        static_cast<double>(spending.horizon);
  return std::max(0.0, 1 - steps - evenly);
}

double RestartMixture::log_reserve(const MixtureTerms& terms) const {
  return log_scale_ + std::log(reserve_part(terms));
}

void RestartMixture::settle(const MixtureTerms& terms) {
  leave(terms);
  if (waiting_ == 0) return;
  for (std::size_t i = 0; i < terms.size(); ++i) log_capital_[i] = capital(terms, i);
  waiting_ = 0;
}

void RestartMixture::stake_evenly(const MixtureTerms& terms) {
  if (probes_ >= terms.parameters().spending.horizon) return;
  for (std::size_t i = 0; i < terms.size(); ++i)
    log_capital_[i] =
        log_sum(log_capital_[i], log_scale_ + terms.log_even() + terms.points()[i].log_weight);
}

void RestartMixture::look(const MixtureTerms& terms) {
  is_crossed_ = is_crossed_ || reaches(log_e(terms), log_limit_);
  if (!terms.parameters().boost || is_crossed_ || log_most_after_a_fail(terms) <= log_limit_)
    return;
  for (const double log : log_capital_) near_.push_back(std::exp(log - log_limit_));
  near_scale_ = std::exp(log_scale_ - log_limit_);
}

// Over all numbers of oks before that fail: each capital moves towards s w d / (1 - d), so none is
// ever above the larger of that and what it is.
double RestartMixture::log_most_after_a_fail(const MixtureTerms& terms) const {
  const double log_even = log_scale_ + terms.log_even();
  std::vector<double> logs{log_reserve(terms)};
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const auto& point = terms.points()[i];
    const double settled = log_even + point.log_weight + point.log_down - point.log_gap;
    logs.push_back(point.log_up +
                   log_sum(std::max(log_capital_[i], settled), log_even + point.log_weight));
  }
  return log_sum(logs);
}

bool RestartMixture::may_overshoot(const MixtureTerms& terms) const {
  const double even = near_scale_ * terms.even();
  double most = near_scale_ * reserve_part(terms);
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const auto& point = terms.points()[i];
    const double settled = even * point.weight * point.down / point.gap;
    most += point.up * (std::max(near_[i], settled) + even * point.weight);
  }
  return most > 1;
}

double RestartMixture::near_sum(const MixtureTerms& terms) const {
  return std::accumulate(near_.begin(), near_.end(), near_scale_ * reserve_part(terms));
}

// What a fail would win over the limit is of no use there, so an ok may have its worth. Of a batch
// that may fail together in any way the worst is that never two of it fail.
void RestartMixture::ok_near(const MixtureTerms& terms, unsigned size) {
  const double before = near_sum(terms);
  const double even =
      probes_ < terms.parameters().spending.horizon ? near_scale_ * terms.even() : 0;
  ++probes_;
  const double reserve = near_scale_ * reserve_part(terms);
  double if_ok = reserve, if_fail = reserve;
  const double part = 1.0 / size;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const auto& point = terms.points()[i];
    const double staked = near_[i] + even * point.weight;
    if_fail += staked * (part * point.up + (1 - part) * point.down);
    near_[i] = staked * point.down;
    if_ok += near_[i];
  }
  const double chance = terms.parameters().p0 * size;  // of any fail, at most
  if (if_fail > 1 && if_ok > 0 && chance < 1 && before > chance) {
    const double gain = (before - chance) / ((1 - chance) * if_ok);
    for (double& capital : near_) capital *= gain;
    near_scale_ *= gain;
  }
  if (!may_overshoot(terms)) leave(terms);
}

void RestartMixture::leave(const MixtureTerms& terms) {
  if (!takes_one_by_one()) return;
  for (std::size_t i = 0; i < terms.size(); ++i) log_capital_[i] = log_limit_ + std::log(near_[i]);
  log_scale_ = log_limit_ + std::log(near_scale_);
  near_.clear();
}

Json RestartMixture::snapshot() const {
  Json json = {{"log_limit", log_limit_},
               {"probes", probes_},
               {"waiting", waiting_},
               {"steps", steps_},
               {"crossed", is_crossed_}};
  if (takes_one_by_one()) {
    json["near_capital"] = near_;
    json["near_scale"] = near_scale_;
    return json;
  }
  json["log_scale"] = to_json(log_scale_);
  for (const double log : log_capital_) json["log_capital"].push_back(to_json(log));
  return json;
}

std::optional<RestartMixture> RestartMixture::restore(const MixtureTerms& terms,
                                                      const Json& snapshot) {
  if (!snapshot.is_object()) return std::nullopt;
  const bool is_near = snapshot.contains("near_capital");
  const Json capital = snapshot.value(is_near ? "near_capital" : "log_capital", Json());
  const Json scale = snapshot.value(is_near ? "near_scale" : "log_scale", Json());
  if (!capital.is_array() || capital.size() != terms.size() ||
      !std::all_of(capital.begin(), capital.end(), is_log) || !is_log(scale))
    return std::nullopt;
  if (!snapshot.contains("log_limit") || !snapshot.at("log_limit").is_number()) return std::nullopt;
  for (const char* name : {"probes", "waiting", "steps"})
    if (!snapshot.contains(name) || !snapshot.at(name).is_number_unsigned()) return std::nullopt;
  if (!snapshot.contains("crossed") || !snapshot.at("crossed").is_boolean()) return std::nullopt;

  RestartMixture restored;
  restored.log_limit_ = snapshot.at("log_limit").get<double>();
  restored.probes_ = snapshot.at("probes").get<std::uint64_t>();
  restored.waiting_ = snapshot.at("waiting").get<std::uint64_t>();
  restored.steps_ = snapshot.at("steps").get<unsigned>();
  restored.is_crossed_ = snapshot.at("crossed").get<bool>();
  if (restored.waiting_ > restored.probes_) return std::nullopt;
  std::vector<double> numbers;
  for (const Json& number : capital) numbers.push_back(log_of(number));
  restored.log_capital_ = numbers;
  (is_near ? restored.near_scale_ : restored.log_scale_) = log_of(scale);
  if (is_near) restored.near_ = std::move(numbers);
  return restored;
}

}  // namespace readback::guard
