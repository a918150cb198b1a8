#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "guard/answer.h"
#include "guard/guard.h"
#include "tests/simulation/application.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/latch_medium.h"
#include "tests/simulation/planted.h"
#include "tests/simulation/world.h"

// One house that rolls a flag out: the guard itself, unchanged, on a simulated disk, clock and
// network; the application that it probes and that asks it; and practitioners whose clients hold an
// answer until its stamp. It may crash between any two steps, and starts again.

namespace readback::simulation {

struct HouseOptions {
  std::uint64_t seed = 0;
  Network network;
  Duration longest_disk_call = std::chrono::milliseconds(20);
  Plant plant = Plant::none;
};

class House {
 public:
  explicit House(HouseOptions options);
  ~House();
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  // One step of the world; false if nothing is left to happen.
  bool step() { return world_.step(); }
  // Starts the guard; it serves once it has read its store.
  void start();
  // The guard's process ends between two steps. Power cut: what was not synced may be lost, too.
  void crash(bool is_power_cut);
  void command(guard::Command::Kind kind);
  // The guard's answers get out as late as this from now on.
  void slow_answers(Duration delay) { answer_delay_ = delay; }

  World& world() { return world_; }
  TimePoint now() const { return world_.now(); }
  const Application& application() const { return application_; }
  const guard::Configuration& configuration() const { return configuration_; }
  // Null unless the guard serves.
  guard::Guard* guard();
  const guard::Guard* guard() const;
  const guard::State* state() const;  // null unless the guard serves

  // What the people saw. The last: when treatment was served to a real practitioner; when one used
  // it, perhaps on an answer that he still held.
  TimePoint last_served() const { return last_served_; }
  TimePoint last_used() const { return last_used_; }
  // When the newest command of this kind was acknowledged as done; unset: none, or another one that
  // undoes it was sent since.
  std::optional<TimePoint> acknowledged(guard::Command::Kind kind) const;
  // When it fault was switched on by break_with(); unset: never.
  std::optional<TimePoint> broken_since() const { return broken_since_; }
  void break_with(const std::string& fault);

  // Of every life, as they became durable: kinds and reasons, a line each.
  const std::vector<std::string>& ledger() const { return ledger_; }
  std::uint64_t trace() const { return trace_; }
  // Folds what can be seen now into the trace.
  void note();

 private:
  struct Process;
  struct Served {
    bool is_treatment = false;
    WallTime lease_until{};
  };
  using FirstAnswer = std::shared_ptr<guard::Answer<Served>>;

  boost::asio::awaitable<void> live();
  boost::asio::awaitable<void> obey(guard::Command command);
  boost::asio::awaitable<void> practise(std::string practitioner);
  boost::asio::awaitable<Served> ask(std::string practitioner);
  boost::asio::awaitable<void> serve(std::string practitioner, FirstAnswer answer);
  boost::asio::awaitable<void> give_up(FirstAnswer answer);
  boost::asio::awaitable<std::string> ask_variant(std::string practitioner);

  HouseOptions options_;
  World world_;
  SimulatedClock clock_;
  guard::Configuration configuration_;
  Disk disk_;
  LatchMedium medium_;
  Application application_;
  EchoingTransport echo_;
  std::unique_ptr<Process> process_;
  Duration answer_delay_{};
  TimePoint last_served_{};
  TimePoint last_used_{};
  std::map<guard::Command::Kind, TimePoint> acknowledged_;
  std::optional<TimePoint> broken_since_;
  std::vector<std::string> ledger_;
  std::uint64_t trace_ = 14'695'981'039'346'656'037U;  // FNV-1a's offset
};

}  // namespace readback::simulation
