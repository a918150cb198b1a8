#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "flags/context.h"
#include "flags/evaluate.h"
#include "guard/clock.h"
#include "guard/exposures.h"
#include "guard/publisher.h"
#include "guard/server/ofrep.h"
#include "guard/server/stamps.h"
#include "guard/witness.h"

// Evaluation as a route does it: treatment goes to those only whose exposure is recorded durably,
// and what synthetic practitioners were told is testified. Single-threaded.

namespace readback::guard::server {

class Evaluator {
 public:
  // So many questions of people who are not recorded yet may wait for the disk. One more is
  // answered at once, with the safe variant: a client that is told 429 would keep what it has.
  static constexpr std::size_t kAdmitting = 256;

  // All references outlive this.
  Evaluator(const Publisher& publisher, const Clock& clock, Exposures& exposures, Witness& witness,
            EvaluationCounts& counts, const Stamps& stamps)
      : reader_(publisher),
        clock_(clock),
        exposures_(exposures),
        witness_(witness),
        counts_(counts),
        stamps_(stamps) {}

  std::vector<std::string> keys();

  // Records him for those of the flags of which he would get treatment.
  boost::asio::awaitable<void> admit(std::vector<std::string> keys, flags::Context context);

  // What is answered, at this very moment. Nothing if there is no such flag. `is_trackable`: the
  // guard has room to remember that he holds treatment; else he gets the safe variant.
  std::optional<flags::Evaluation> serve(const std::string& key, const flags::Context& context,
                                         bool is_trackable);

  // What to call once the answer is out, if a synthetic practitioner asked; may be empty.
  std::function<void(bool is_whole)> testify(const std::vector<flags::Evaluation>& served,
                                             const std::string& practitioner, TimePoint asked_at);

  // Whether this evaluation is to fail, on purpose; an empty key: any flag's.
  bool is_orphan(const std::string& key, const std::string& practitioner);

  // The entry of an answer.
  nlohmann::json entry(const flags::Evaluation& served, const std::string& practitioner) const;

  TimePoint now() const { return clock_.now(); }
  EvaluationCounts& counts() { return counts_; }

 private:
  std::optional<flags::Evaluation> look(const std::string& key, const flags::Context& context);

  Publisher::Reader reader_;
  const Clock& clock_;
  Exposures& exposures_;
  Witness& witness_;
  EvaluationCounts& counts_;
  const Stamps& stamps_;
  std::size_t admitting_ = 0;
};

}  // namespace readback::guard::server
