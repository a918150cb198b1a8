#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "guard/answer.h"
#include "guard/guard.h"
#include "tests/simulation/application.h"
#include "tests/simulation/clients.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/latch_medium.h"
#include "tests/simulation/network.h"
#include "tests/simulation/onlooker.h"
#include "tests/simulation/planted.h"
#include "tests/simulation/world.h"

// One house that rolls a flag out: the guard itself, unchanged, on a simulated disk, clock and
// network; the application that it probes and that asks it; practitioners and their clients; and
// on-call, who sends commands. What can go wrong is told to it by name.

namespace readback::simulation {

inline constexpr Node kGuardNode = 1;
inline constexpr Node kDiskNode = 3;  // of the guard's process, its second thread

struct HouseOptions {
  std::uint64_t seed = 0;
  Way network;  // between guard and application, each way
  Duration longest_disk_call = std::chrono::milliseconds(20);
  Plant plant = Plant::none;
  bool is_verbose = false;  // every event at the guard's edges is printed
};

class House {
 public:
  explicit House(HouseOptions options);
  ~House();
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  // One step of the world; false if nothing is left to happen.
  bool step();

  // The guard's process. It serves once it has read its store.
  void start();
  bool is_up() const { return process_ != nullptr; }
  // It ends between two steps. Power cut: what was not synced may be lost, too.
  void crash(bool is_power_cut);
  // The power is cut within the disk's call so many calls from now.
  void cut_power_in_call(unsigned number);
  // SIGTERM: what was asked to be written is, then the process ends.
  void stop();
  // Its event loop hangs; the disk's thread does not.
  void hang() { world_.freeze(kGuardNode); }
  void resume();
  // The machine is suspended until resume(); its timers stand still meanwhile.
  void suspend();
  // A virtual machine is stopped until resume(): its clocks stand still, too.
  void snapshot();
  bool is_suspended() const { return suspended_.has_value(); }

  // What on-call does. A command goes to a guard that is up; a revert of one that is down is
  // written to the latch file, as `guard rollback` does.
  void command(guard::Command::Kind kind);
  // A revert comes, and the power is cut at the instant of its answer.
  void revert_and_cut_power();
  // A revert comes while the next advance is being written.
  void revert_an_advance() { is_advance_to_be_reverted_ = true; }
  // The config is another one from now on, and the guard, if it is up, is told to read it.
  void configure(guard::Configuration configuration);
  void refuse_configuration();  // it is edited wrongly, and the guard told to read it
  void look_at_status();

  // The guard's answers get out as late as this from now on.
  void slow_answers(Duration delay) { answer_delay_ = delay; }
  void break_with(const std::string& fault);

  World& world() { return world_; }
  const World& world() const { return world_; }
  TimePoint now() const { return world_.now(); }
  SimulatedClock& clock() { return clock_; }
  const SimulatedClock& clock() const { return clock_; }
  Application& application() { return application_; }
  const Application& application() const { return application_; }
  Link& probes_link() { return network_.link; }
  Link& clients_link() { return clients_link_; }
  Disk& disk() { return disk_; }
  LatchMedium& medium() { return medium_; }
  void slow_disk(Duration longest) { world_.set_pace(kDiskNode, disk_lane_, longest); }
  const HouseOptions& options() const { return options_; }
  const guard::Configuration& configuration() const { return configuration_; }
  // Null unless the guard serves.
  guard::Guard* guard();
  const guard::Guard* guard() const;
  const guard::State* state() const;

  void look_on(std::unique_ptr<Onlooker> onlooker) { onlookers_.push_back(std::move(onlooker)); }
  const std::vector<std::unique_ptr<Onlooker>>& onlookers() const { return onlookers_; }

  // When treatment was served to a real practitioner the last time; the epoch: never.
  TimePoint last_served() const { return last_served_; }
  // The last time that it was used by a client of which something is promised.
  TimePoint last_used() const { return last_used_; }
  std::uint64_t uses() const { return uses_; }
  // When the newest command of this kind was acknowledged as done, unless one that undoes it was
  // sent since.
  std::optional<TimePoint> acknowledged(guard::Command::Kind kind) const;
  // When a fault was switched on by break_with(); unset: never.
  std::optional<TimePoint> broken_since() const { return broken_since_; }
  // Set while each write of treatment of some required stream is lost, nothing else is wrong, and
  // the guard serves: since when all three.
  std::optional<TimePoint> total_loss_since() const { return total_loss_since_; }
  // Whoever makes something else wrong, or right again, says so.
  void be_disturbed(bool is_disturbed);
  // Whether the process that is there could open its store.
  bool is_store_readable() const { return is_store_readable_; }

  // Of every life, as they became durable: kinds and reasons, a line each.
  const std::vector<std::string>& ledger() const { return ledger_; }
  // Reads that the store holds: durable, and not erased.
  const std::map<std::string, guard::PendingRead>& pending() const { return pending_; }

 private:
  friend class WatchedStore;
  struct Process;
  using FirstAnswer = std::shared_ptr<guard::Answer<Answered>>;

  boost::asio::awaitable<void> live();
  boost::asio::awaitable<void> obey(SentCommand sent);
  void revert_offline(SentCommand sent);
  void acknowledge(const SentCommand& sent);
  boost::asio::awaitable<void> ask_to_reload();
  boost::asio::awaitable<nlohmann::json> reload();
  boost::asio::awaitable<void> ask_status();
  guard::Core watched_core();  // tells the onlookers what the core does
  guard::Core watched_step();
  void end();
  boost::asio::awaitable<Answered> ask(AskedFor asked);
  boost::asio::awaitable<void> carry(AskedFor asked, FirstAnswer answer);
  boost::asio::awaitable<void> serve(AskedFor asked, FirstAnswer answer);
  boost::asio::awaitable<void> bring(Answered answered, FirstAnswer answer);
  boost::asio::awaitable<void> give_up(FirstAnswer answer, Duration patience);
  boost::asio::awaitable<std::string> ask_variant(std::string practitioner);
  void look_for_total_loss();
  void say(const std::string& what) const;

  HouseOptions options_;
  World world_;
  SimulatedClock clock_;
  guard::Configuration configuration_;
  Disk disk_;
  LatchMedium medium_;
  World::Lane disk_lane_;
  Application application_;
  Network network_;
  Link clients_link_{{.longest = {}}, {.longest = {}}};
  PlantMemory plant_memory_;
  std::unique_ptr<Process> process_;
  std::deque<Client> clients_;
  std::vector<std::unique_ptr<Onlooker>> onlookers_;
  bool is_configuration_right_ = true;
  bool is_power_to_be_cut_ = false;
  bool is_advance_to_be_reverted_ = false;
  enum class CutAtAnswer { no, waits, now } cut_at_answer_ = CutAtAnswer::no;
  std::optional<TimePoint> suspended_;
  bool is_snapshot_ = false;
  Duration answer_delay_{};
  TimePoint last_served_{};
  TimePoint last_used_{};
  std::uint64_t uses_ = 0;
  std::uint64_t commands_ = 0;
  std::map<guard::Command::Kind, TimePoint> acknowledged_;
  std::map<guard::Command::Kind, std::uint64_t> undone_by_;  // number of the newest that undoes it
  std::optional<TimePoint> broken_since_;
  bool is_store_readable_ = false;
  bool is_loss_total_ = false;
  bool is_disturbed_ = false;
  std::optional<TimePoint> total_loss_since_;
  std::vector<std::string> ledger_;
  std::map<std::string, guard::PendingRead> pending_;
};

}  // namespace readback::simulation
