#pragma once

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "guard/sqlite_store.h"
#include "tests/simulation/house.h"

// One life of the guard's process, and what it stands on. Used by tests/simulation/house.cc alone.

namespace readback::simulation {

inline constexpr Node kGuardNode = 1;

class SeededEntropy final : public guard::Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed) : random_(seed) {}
  std::uint64_t draw() override { return random_(); }

 private:
  std::mt19937_64 random_;
};

// A store whose calls take time, one after another, and that keeps a copy of the ledger for people.
class DawdlingStore final : public guard::Store {
 public:
  using Void = boost::asio::awaitable<guard::Result<void>>;
  DawdlingStore(World& world, guard::Store& inner, Duration longest,
                std::vector<std::string>& ledger)
      : world_(world), inner_(inner), longest_(longest), ledger_(ledger) {}

  boost::asio::awaitable<guard::Result<guard::Loaded>> load() override { return inner_.load(); }
  Void append(std::vector<guard::Entry> entries) override;
  boost::asio::awaitable<guard::Result<std::vector<guard::Entry>>> tail(unsigned count) override {
    return inner_.tail(count);
  }
  Void put_pending(std::vector<guard::PendingRead> reads) override;
  Void erase_pending(std::vector<std::string> ids) override;
  Void record_exposures(std::vector<guard::ExposureRecord> records) override;

 private:
  boost::asio::awaitable<void> take_turn();

  World& world_;
  guard::Store& inner_;
  Duration longest_;
  std::vector<std::string>& ledger_;
  TimePoint busy_until_{};
};

struct House::Process {
  Process(House& house, std::uint64_t life);

  SimulatedLatchDevice device;
  guard::LatchFile latches;
  guard::SqliteStore sqlite;
  DawdlingStore dawdling;
  EarlyStore early;
  AheadClock clock;
  SeededEntropy entropy;
  guard::Guard guard;
  guard::server::Handler evaluate;
  bool is_serving = false;
};

}  // namespace readback::simulation
