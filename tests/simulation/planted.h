#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "guard/core.h"
#include "guard/guard.h"
#include "guard/server/route.h"
#include "guard/store.h"
#include "probes/transport.h"
#include "tests/simulation/world.h"

// Planted bugs: wrappers around the seams and the core, each of which breaks what it wraps in one
// way. The product has no trace of them; the simulation must notice each.

namespace readback::simulation {

enum class Plant {
  none,
  lease_not_checked,        // whoever serves does not look at the lease
  lease_ends_late,          // <= for < where the lease ends
  latch_dropped,            // a restart forgets what is latched
  acknowledged_too_early,   // a revert is acknowledged before it is durable
  latch_not_synced,         // a sync of the latch file that does nothing
  log_not_synced,           // the same of the database's log
  stamped_from_reply,       // evidence is as old as its verdict, not as its write's start
  info_is_ok,               // what is not known counts as ok
  pending_is_info,          // a read that waits too long is given up
  void_is_ok,               // an arm that is not what it should be counts as ok
  reads_forgotten,          // a restart forgets which reads are due
  wall_clock_only,          // ages by the wall clock alone
  steps_caught_up,          // a restart takes the steps for which it is overdue
  revert_overtaken,         // an advance that was under way undoes a revert
  answered_before_written,  // a store that says durable before it is
  clock_ahead,              // evidence is younger than its write
  reads_echo_writes,        // read-backs are answered from what was sent
};

struct NamedPlant {
  Plant plant;
  std::string_view name;
};
inline constexpr std::array kPlants{
    NamedPlant{Plant::lease_not_checked, "lease-not-checked"},
    NamedPlant{Plant::lease_ends_late, "lease-ends-late"},
    NamedPlant{Plant::latch_dropped, "latch-dropped"},
    NamedPlant{Plant::acknowledged_too_early, "acknowledged-too-early"},
    NamedPlant{Plant::latch_not_synced, "latch-not-synced"},
    NamedPlant{Plant::log_not_synced, "log-not-synced"},
    NamedPlant{Plant::stamped_from_reply, "stamped-from-reply"},
    NamedPlant{Plant::info_is_ok, "info-is-ok"},
    NamedPlant{Plant::pending_is_info, "pending-is-info"},
    NamedPlant{Plant::void_is_ok, "void-is-ok"},
    NamedPlant{Plant::reads_forgotten, "reads-forgotten"},
    NamedPlant{Plant::wall_clock_only, "wall-clock-only"},
    NamedPlant{Plant::steps_caught_up, "steps-caught-up"},
    NamedPlant{Plant::revert_overtaken, "revert-overtaken"},
    NamedPlant{Plant::answered_before_written, "answered-before-written"},
    NamedPlant{Plant::clock_ahead, "clock-ahead"},
    NamedPlant{Plant::reads_echo_writes, "reads-echo-writes"},
};

// What a planted bug knows of, over restarts.
struct PlantMemory {
  using ReadKey = std::tuple<std::uint64_t, unsigned, std::string, probes::ReadPoint>;

  WallTime step_began{};
  std::map<std::uint64_t, guard::BlockOpened> blocks;
  std::set<ReadKey> told;
};

// `core`, with the bug if it is one of the core. `memory` outlives it.
guard::Core with_bug(Plant plant, PlantMemory& memory, guard::Core core);

// An evaluation route, with the bug if it is one of serving. `guard` and `clock` outlive it.
guard::server::Handler with_bug(Plant plant, const guard::Guard& guard, const guard::Clock& clock,
                                guard::server::Handler handler);

// A store that forgets pending reads, or that says that an entry is durable and writes it after
// that; else as the inner one.
class PlantedStore final : public guard::Store {
 public:
  using Void = boost::asio::awaitable<guard::Result<void>>;
  PlantedStore(Plant plant, World::Executor executor, guard::Store& inner)
      : plant_(plant), executor_(executor), inner_(inner) {}

  boost::asio::awaitable<guard::Result<guard::Loaded>> load(guard::EntryVisitor each) override;
  Void append(std::vector<guard::Entry> entries) override;
  boost::asio::awaitable<guard::Result<std::vector<guard::Entry>>> tail(unsigned count) override {
    return inner_.tail(count);
  }
  Void put_pending(std::vector<guard::PendingRead> reads) override {
    return inner_.put_pending(std::move(reads));
  }
  Void erase_pending(std::vector<std::string> ids) override {
    return inner_.erase_pending(std::move(ids));
  }
  Void record_exposures(std::vector<guard::ExposureRecord> records) override {
    return inner_.record_exposures(std::move(records));
  }

 private:
  Plant plant_;
  World::Executor executor_;
  guard::Store& inner_;
};

// Boot time is the wall clock's, or both clocks are ahead; else as the inner one.
class PlantedClock final : public guard::Clock {
 public:
  PlantedClock(Plant plant, SimulatedClock& inner) : plant_(plant), inner_(inner) {}
  TimePoint now() const override;
  WallTime wall() const override;
  boost::asio::awaitable<void> sleep_until(TimePoint when) override;

 private:
  Plant plant_;
  SimulatedClock& inner_;
};

// Shows in each read-back what the last save of the visit sent; else as the inner one.
class PlantedTransport final : public probes::Transport {
 public:
  PlantedTransport(Plant plant, probes::Transport& inner) : plant_(plant), inner_(inner) {}

  boost::asio::awaitable<probes::Reply> exchange(probes::Request request,
                                                 probes::Limits limits) override;

 private:
  void keep(const probes::Request& request);
  std::string show(const std::string& body) const;
  void echo(nlohmann::json& visit) const;

  Plant plant_;
  probes::Transport& inner_;
  std::map<std::string, nlohmann::json> saved_;
};

}  // namespace readback::simulation
