#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "guard/clock.h"
#include "guard/entropy.h"
#include "guard/publisher.h"
#include "guard/witness.h"
#include "probes/journey.h"
#include "probes/plan.h"
#include "probes/transport.h"

// One walk of each journey in each arm, one after the other, with everything that happened kept for
// a person to read.

namespace readback::guard {

struct ProbeReport {
  struct Step {
    probes::Walk::Taken taken;
    Duration took{};
  };
  struct Reading {
    std::string path;
    std::chrono::milliseconds delay{};
    std::string field;
    probes::Outcome outcome = probes::Outcome::info;
    probes::LossClass loss_class = probes::LossClass::indeterminate;
    std::string explanation;  // of the last read
    unsigned reads = 0;       // that it took
    Duration after{};         // from the acknowledgement
  };
  struct Arm {
    std::string journey;
    std::string arm;  // "treatment", "control", or "code default"
    std::string practitioner;
    probes::Walk::State state = probes::Walk::State::running;
    std::vector<Step> steps;
    // None: the arm was what it should be, or nobody can tell.
    std::optional<VoidReason> why_void;
    std::vector<Reading> readings;
    std::vector<std::string> removal_problems;

    bool is_ok() const;
  };
  std::vector<Arm> arms;
};

// The flag whose variants are pinned; unset: nobody answers for it, and there is one arm.
struct ProbedFlag {
  std::string key;
  std::string treatment;
  std::string safe;
  Duration answer_within{};
};

class ProbeOnce {
 public:
  // All outlive this.
  ProbeOnce(Clock& clock, Entropy& entropy, probes::Transport& transport, Publisher& publisher,
            const Witness& witness, const probes::Plan& plan, const ProbedFlag* flag);

  boost::asio::awaitable<ProbeReport> run();

 private:
  boost::asio::awaitable<ProbeReport::Arm> play(const probes::Journey& journey, probes::Arm arm);
  boost::asio::awaitable<void> walk(probes::Walk& walk, ProbeReport::Arm& report);
  boost::asio::awaitable<void> read(probes::ReadBack read_back, TimePoint acknowledged,
                                    std::vector<ProbeReport::Reading>& found);
  boost::asio::awaitable<void> read_all(std::vector<probes::ReadBack> read_backs,
                                        ProbeReport::Arm& report);
  boost::asio::awaitable<void> remove(probes::Record record, ProbeReport::Arm& report);

  Clock& clock_;
  Entropy& entropy_;
  probes::Transport& transport_;
  Publisher& publisher_;
  const Witness& witness_;
  const probes::Plan& plan_;
  const ProbedFlag* flag_;
  std::size_t turn_ = 0;
};

}  // namespace readback::guard
