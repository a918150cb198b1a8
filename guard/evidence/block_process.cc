#include "guard/evidence/block_process.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "guard/evidence/log_sum.h"
#include "guard/evidence/odds_mixture.h"

namespace readback::guard {

using Json = nlohmann::json;

std::optional<std::string> fault_of(const BlockParameters& parameters) {
  if (!(parameters.level > 0 && parameters.level < 1)) return "the level is not in 0 to 1";
  return fault_of_odds(parameters.odds, parameters.weights, 1);
}

BlockProcess::BlockProcess(BlockParameters parameters) : parameters_(std::move(parameters)) {
  assert(!fault_of(parameters_));
  log_capital_ = log_capital_of(parameters_.odds, parameters_.weights);
}

void BlockProcess::add(unsigned members, unsigned failed, bool has_treatment_failed) {
  assert(members >= 2 && failed <= members);
  assert(has_treatment_failed ? failed > 0 : failed < members);
  ++blocks_;
  if (failed == 0 || failed == members) return;
  ++telling_;
  const double ill = failed, well = members - failed;
  for (std::size_t i = 0; i < log_capital_.size(); ++i) {
    const double odds = parameters_.odds[i];
    // th (m + 1)/k, or (1 - th)(m + 1)/(m + 1 - k), without what cancels.
    log_capital_[i] += std::log((has_treatment_failed ? odds : 1) * members / (odds * ill + well));
  }
  is_crossed_ = is_crossed_ || reaches(log_e(), log_limit());
}

double BlockProcess::log_e() const {
  return log_sum(log_capital_);
}

double BlockProcess::log_limit() const {
  return -std::log(parameters_.level);
}

Json BlockProcess::snapshot() const {
  return {{"log_capital", log_capital_},
          {"blocks", blocks_},
          {"telling", telling_},
          {"crossed", is_crossed_}};
}

std::optional<BlockProcess> BlockProcess::restore(BlockParameters parameters,
                                                  const Json& snapshot) {
  if (!snapshot.is_object()) return std::nullopt;
  BlockProcess restored(std::move(parameters));
  const Json capital = snapshot.value("log_capital", Json());
  const auto is_number = [](const Json& json) { return json.is_number(); };
  if (!capital.is_array() || capital.size() != restored.log_capital_.size() ||
      !std::all_of(capital.begin(), capital.end(), is_number))
    return std::nullopt;
  for (const char* name : {"blocks", "telling"})
    if (!snapshot.contains(name) || !snapshot.at(name).is_number_unsigned()) return std::nullopt;
  if (!snapshot.contains("crossed") || !snapshot.at("crossed").is_boolean()) return std::nullopt;
  restored.log_capital_ = capital.get<std::vector<double>>();
  restored.blocks_ = snapshot.at("blocks").get<std::uint64_t>();
  restored.telling_ = snapshot.at("telling").get<std::uint64_t>();
  restored.is_crossed_ = snapshot.at("crossed").get<bool>();
  return restored;
}

}  // namespace readback::guard
