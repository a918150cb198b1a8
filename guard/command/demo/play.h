#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "guard/command/demo/faults.h"
#include "guard/command/demo/stage.h"
#include "guard/system_clock.h"

// One play: a healthy rollout, the fault, what the guard makes of it, and what it cost. A line a
// second goes to `out`; what the play claims is checked, and told at its end.

namespace readback::guard::demo {

class Play {
 public:
  // `other`: the guard whose plan lacks the document journey; null if it isn't played.
  Play(Side& side, Side* other, PlayedFault fault, bool is_from_start, std::ostream& out);

  // Whether every claim held. A Problem: the play could not be gone through with.
  Result<bool> perform(const StageOptions& options);
  // What came of it: {"fault", "claims": [{"holds", "words"}], "status": the guard's last}.
  nlohmann::json report() const;

 private:
  using Json = nlohmann::json;
  struct Claim {
    bool holds = false;
    std::string words;
  };

  Result<void> rehearse();
  Result<void> expose();
  Result<void> await_ending();
  bool has_ended(const Json& status);
  Result<void> tell_losses(const Json& audit);
  void tell_real_losses(const Json& audit, const Json& counters);
  void tell_cost(const Json& audit, std::int64_t latched_ms);
  void tell_time(const Json& status, const Json& counters);
  void tell_other();
  Result<Json> tick();
  void claim(bool holds, std::string words);
  bool tell_claims();
  std::int64_t seconds() const;

  Side& side_;
  Side* other_;
  PlayedFault fault_;
  bool is_from_start_;
  std::ostream& out_;
  SystemClock clock_;
  TimePoint begun_;
  std::optional<std::int64_t> fault_on_ms_;
  int ticks_as_expected_ = 0;
  std::optional<std::int64_t> served_from_;  // wall milliseconds: treatment, to real people
  Json last_status_;
  Json rounds_of_other_;
  std::vector<Claim> claims_;
};

}  // namespace readback::guard::demo
