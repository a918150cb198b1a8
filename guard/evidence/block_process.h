#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

// Is it the flag? A bet against "the arms are alike". A block is one treatment and m controls,
// probed at once, and which member is treatment was drawn anew for it. So if k of the m + 1 members
// failed, treatment is one of them with a chance of k/(m + 1), whatever made them fail: this holds
// in every burst of the platform and at every rate of loss. The bet on odds psi multiplies by
//   th (m + 1)/k if treatment failed, (1 - th) / (1 - k/(m + 1)) if not,  th = psi k / (psi k + m +
//   1 - k),
// and is a mixture over psi. A block in which all fail, or none, says nothing.
//
// One block is one bet: what several reads of a block say together must be made one outcome a
// member first ("failed": any did), since they may fail together. The order of the blocks must not
// depend on which member is treatment. Members of which nothing is known count as not failed; a
// second process, "not ok" instead of failed, catches losses that hide as time-outs.
//
// Values; pure; safe from any thread.

namespace readback::guard {

struct BlockParameters {
  std::vector<double> odds{4, 16, 256, 1e6};  // psi, each over 1
  std::vector<double> weights{};              // scaled to a sum of 1; empty: equal
  double level = 0.01;                        // b: the chance of ever blaming a flag that is alike
};

std::optional<std::string> fault_of(const BlockParameters& parameters);

class BlockProcess {
 public:
  // Asserts that fault_of() finds none.
  explicit BlockProcess(BlockParameters parameters = {});

  // `failed` of `members` (treatment and m controls) did. Asserts that they fit.
  void add(unsigned members, unsigned failed, bool has_treatment_failed);
  // `blocks` in which none did: they are counted, and say nothing.
  void add_quiet(std::uint64_t blocks) { blocks_ += blocks; }

  double log_e() const;
  double log_limit() const;
  bool crosses() const { return is_crossed_; }  // ever
  std::uint64_t blocks() const { return blocks_; }
  std::uint64_t blocks_that_tell() const { return telling_; }  // some member failed, and not all
  const BlockParameters& parameters() const { return parameters_; }

  // Exact. Empty if `snapshot` is none of these parameters.
  nlohmann::json snapshot() const;
  static std::optional<BlockProcess> restore(BlockParameters parameters,
                                             const nlohmann::json& snapshot);

 private:
  BlockParameters parameters_;
  std::vector<double> log_capital_;  // by odds
  std::uint64_t blocks_ = 0;
  std::uint64_t telling_ = 0;
  bool is_crossed_ = false;
};

}  // namespace readback::guard
