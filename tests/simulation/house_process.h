#pragma once

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/cancellation_signal.hpp>

#include "guard/sqlite_store.h"
#include "tests/simulation/house.h"

// One life of the guard's process, and what it stands on. Used by tests/simulation/house.cc alone.

namespace readback::simulation {

class SeededEntropy final : public guard::Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed) : random_(seed) {}
  std::uint64_t draw() override { return random_(); }

 private:
  std::mt19937_64 random_;
};

// Tells the house what became durable.
class WatchedStore final : public guard::Store {
 public:
  using Void = boost::asio::awaitable<guard::Result<void>>;
  WatchedStore(House& house, guard::Store& inner) : house_(house), inner_(inner) {}

  boost::asio::awaitable<guard::Result<guard::Loaded>> load(guard::EntryVisitor each) override;
  Void append(std::vector<guard::Entry> entries) override;
  boost::asio::awaitable<guard::Result<std::vector<guard::Entry>>> tail(unsigned count) override {
    return inner_.tail(count);
  }
  Void put_pending(std::vector<guard::PendingRead> reads) override;
  Void erase_pending(std::vector<std::string> ids) override;
  Void record_exposures(std::vector<guard::ExposureRecord> records) override {
    return inner_.record_exposures(std::move(records));
  }

 private:
  House& house_;
  guard::Store& inner_;
};

struct House::Process {
  Process(House& house, std::uint64_t life);

  SimulatedLatchDevice device;
  guard::LatchFile latches;
  guard::SqliteStore sqlite;
  WatchedStore watched;
  PlantedStore store;
  PlantedClock clock;
  PlantedTransport transport;
  SeededEntropy entropy;
  guard::Guard guard;
  guard::server::Handler evaluate_one;
  guard::server::Handler evaluate_all;
  guard::server::Handler command;
  guard::server::Handler status;
  guard::server::Handler reload;
  boost::asio::cancellation_signal end;
  bool is_serving = false;
  bool has_ended = false;
};

}  // namespace readback::simulation
