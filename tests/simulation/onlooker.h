#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "guard/rollout.h"
#include "guard/store.h"
#include "tests/simulation/clients.h"
#include "tests/simulation/world.h"

// Who looks on: told of everything that happens at the guard's edges, and does nothing to it. An
// invariant is an onlooker that can be broken.

namespace readback::simulation {

// One answer of the guard about the flag, as it left it.
struct Served {
  std::string practitioner;
  bool is_synthetic = false;
  bool is_treatment = false;
  WallTime stamp{};   // of treatment
  flags::Moment now;  // by the machine's own clocks
};

// One command of one person. Numbers grow in the order in which they were sent.
struct SentCommand {
  guard::Command::Kind kind{};
  std::uint64_t number = 0;
};

// What one event did to a rollout.
struct Stepped {
  guard::Phase phase_before{};
  unsigned step_before = 0;
  const guard::Event& event;
  const guard::State& state;  // after it
  const guard::Decision& decision;
};

class Onlooker {
 public:
  virtual ~Onlooker() = default;

  virtual void served(const Served&) {}
  virtual void used(const Client&) {}
  virtual void commanded(const SentCommand&) {}
  virtual void acknowledged(const SentCommand&) {}
  // A process began, with `last` as the state of the ledger's last entry.
  virtual void restored(const guard::State&, const nlohmann::json& /*last*/, flags::Moment) {}
  virtual void stepped(const Stepped&) {}
  virtual void appending(const std::vector<guard::Entry>&) {}
  virtual void appended(const std::vector<guard::Entry>&) {}          // durable from now on
  virtual void remembered(const std::vector<guard::PendingRead>&) {}  // the same
  // Nothing was wrong for long enough: what was to be found is found.
  virtual void closed() {}
  virtual void ended() {}  // the process is gone
  // Each step of the world is over.
  virtual void looked() {}

  // What is broken, in words; empty while it holds.
  const std::string& broken() const { return broken_; }

 protected:
  void breaks(std::string why) {
    if (broken_.empty()) broken_ = std::move(why);
  }

 private:
  std::string broken_;
};

}  // namespace readback::simulation
