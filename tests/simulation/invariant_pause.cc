#include <variant>

#include "tests/simulation/invariants.h"

namespace readback::simulation {
namespace {

using guard::Phase;
using Kind = guard::Command::Kind;

class PauseHolds final : public Onlooker {
 public:
  explicit PauseHolds(const House& house) : house_(house) {}

  void stepped(const Stepped& stepped) override {
    const auto* const commanded = std::get_if<guard::Commanded>(&stepped.event.happening);
    if (commanded != nullptr && commanded->command.kind == Kind::pause) is_undone_ = false;
    const bool is_resume = commanded != nullptr && commanded->command.kind == Kind::resume;
    if (is_resume || stepped.state.phase == Phase::latched) undo();
  }
  void restored(const guard::State& state, const nlohmann::json&, flags::Moment) override {
    if (state.phase == Phase::latched) undo();
  }
  void acknowledged(const SentCommand& sent) override {
    if (sent.kind == Kind::pause && !is_undone_) holds_ = true;
    // One that was written to the latch file while no guard was there.
    if (sent.kind == Kind::revert) undo();
  }

  void served(const Served& served) override {
    if (holds_ && served.is_treatment && !served.is_synthetic)
      breaks("treatment was served in spite of a pause");
  }
  void looked() override {
    const guard::State* const state = house_.state();
    if (!holds_ || state == nullptr || !state->is_store_well) return;
    if (!state->pause) breaks("an acknowledged pause was lost");
  }

 private:
  void undo() {
    holds_ = false;
    is_undone_ = true;
  }

  const House& house_;
  bool holds_ = false;
  bool is_undone_ = false;  // a resume or a revert came after the last pause
};

}  // namespace

Invariant a_pause_holds(const House& house) {
  return std::make_unique<PauseHolds>(house);
}

}  // namespace readback::simulation
