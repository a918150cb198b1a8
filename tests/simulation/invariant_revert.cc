#include <variant>

#include "tests/simulation/invariants.h"

namespace readback::simulation {
namespace {

using guard::Phase;
using Kind = guard::Command::Kind;

class RevertHolds final : public Onlooker {
 public:
  explicit RevertHolds(const House& house) : house_(house) {}

  void stepped(const Stepped& stepped) override {
    const auto* const commanded = std::get_if<guard::Commanded>(&stepped.event.happening);
    const bool is_rearm = commanded != nullptr && commanded->command.kind == Kind::rearm;
    const bool is_revert = commanded != nullptr && commanded->command.kind == Kind::revert;
    if (is_rearm) is_rearmed_ = true;
    if (is_rearm) holds_ = false;
    const guard::State& state = stepped.state;
    const bool is_new = stepped.phase_before != Phase::latched && state.phase == Phase::latched;
    if (is_revert || is_new) is_rearmed_ = false;
    const bool is_durable = state.is_latch_durable && !state.is_latch_under_way;
    if (state.phase == Phase::latched && is_durable && !is_rearmed_) holds_ = true;
  }

  void acknowledged(const SentCommand& sent) override {
    if (sent.kind != Kind::revert) return;
    // One that was written to the latch file while no guard was there.
    if (!house_.is_up()) is_rearmed_ = false;
    if (!is_rearmed_) holds_ = true;
  }

  void served(const Served& served) override {
    if (holds_ && served.is_treatment && !served.is_synthetic)
      breaks("treatment was served after a revert");
  }

  void looked() override {
    if (!holds_ || house_.state() == nullptr) return;
    if (house_.state()->phase != Phase::latched) breaks("a revert was lost");
  }

 private:
  const House& house_;
  bool holds_ = false;
  bool is_rearmed_ = false;  // a re-arm was obeyed after the last revert
};

}  // namespace

Invariant a_revert_holds(const House& house) {
  return std::make_unique<RevertHolds>(house);
}

}  // namespace readback::simulation
