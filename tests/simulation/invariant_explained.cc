#include <algorithm>
#include <variant>
#include <vector>

#include "tests/simulation/invariants.h"

namespace readback::simulation {
namespace {

using guard::Phase;
using nlohmann::json;

class StatesAreExplained final : public Onlooker {
 public:
  explicit StatesAreExplained(const House& house) : house_(house) {}

  void appending(const std::vector<guard::Entry>& entries) override {
    // Entries of evidence say nothing of the rollout.
    for (const guard::Entry& entry : entries)
      if (entry.state.contains("phase")) candidates_.push_back(entry.state);
  }
  void appended(const std::vector<guard::Entry>& entries) override {
    // What is durable is the last entry from now on, but for those that are on their way.
    const auto last = std::find_if(entries.rbegin(), entries.rend(),
                                   [](const auto& entry) { return entry.state.contains("phase"); });
    if (last == entries.rend()) return;
    const auto found = std::find(candidates_.begin(), candidates_.end(), last->state);
    if (found != candidates_.end()) candidates_.erase(candidates_.begin(), found);
  }

  void restored(const guard::State& state, const json& last, flags::Moment) override {
    if (!house_.is_store_readable()) return;
    if (std::find(candidates_.begin(), candidates_.end(), last) == candidates_.end())
      breaks("the ledger's last entry is not the last one that was durable");
    candidates_ = {last};
    const bool is_latched = last.is_object() && last.value("phase", "") == "latched";
    if (is_latched && state.phase != Phase::latched) breaks("the ledger's latch was dropped");
    under_way_ = state.phase == Phase::latched && !is_latched ? 1 : 0;
  }

  void stepped(const Stepped& stepped) override {
    const auto& happening = stepped.event.happening;
    const bool is_settled = std::holds_alternative<guard::Written>(happening) ||
                            std::holds_alternative<guard::WriteFailed>(happening);
    if (is_settled && under_way_ > 0) --under_way_;
    if (stepped.decision.write) ++under_way_;
    if (under_way_ > 0 || !stepped.state.is_store_well) return;
    const json& last = candidates_.back();
    const guard::State& state = stepped.state;
    const bool is_first = !last.is_object();
    const std::string phase = is_first ? "waiting" : last.value("phase", "");
    // Its proof is asked for by an entry; the latch is set until the next.
    const bool is_proving = state.phase == Phase::proving && phase == "latched";
    if (phase != to_string(state.phase) && !is_proving)
      breaks("it is " + std::string(to_string(state.phase)) + ", and the ledger says " + phase);
    if (!is_first && last.value("step", 0u) != state.step)
      breaks("it is at another step than the ledger says");
    if (!is_first && last.contains("pause") != state.pause.has_value())
      breaks("its pause is not the ledger's");
  }

  void ended() override { under_way_ = 0; }

 private:
  const House& house_;
  std::vector<json> candidates_{json()};  // for the ledger's last entry's state, oldest first
  unsigned under_way_ = 0;
};

}  // namespace

Invariant every_state_is_explained(const House& house) {
  return std::make_unique<StatesAreExplained>(house);
}

}  // namespace readback::simulation
