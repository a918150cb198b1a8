#include "tests/simulation/invariants.h"

namespace readback::simulation {
namespace {

class OnlySynthetic final : public Onlooker {
 public:
  explicit OnlySynthetic(const House& house) : house_(house) {}

  void looked() override {
    const std::string& stranger = house_.application().stranger();
    if (!stranger.empty()) breaks("a request was about " + stranger);
  }

 private:
  const House& house_;
};

}  // namespace

Invariant only_synthetic_records_are_touched(const House& house) {
  return std::make_unique<OnlySynthetic>(house);
}

std::vector<Invariant> invariants(const House& house) {
  std::vector<Invariant> all;
  for (const auto make : {treatment_ends_with_its_evidence, a_revert_holds, a_pause_holds,
                          a_step_has_its_evidence, a_loss_ends_exposure, outcomes_are_true,
                          every_state_is_explained, only_synthetic_records_are_touched})
    all.push_back(make(house));
  return all;
}

}  // namespace readback::simulation
