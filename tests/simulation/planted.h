#pragma once

#include <boost/asio/co_spawn.hpp>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "guard/store.h"
#include "probes/transport.h"
#include "tests/simulation/world.h"

// Planted bugs: wrappers around seams, each of which breaks what its seam promises. The product has
// no trace of them; the simulation must notice each.

namespace readback::simulation {

enum class Plant {
  none,
  latch_not_synced,  // a sync of the latch file that does nothing
  log_not_synced,    // a sync of the database's log that does nothing
  answers_early,     // a store that says durable before it is
  clock_ahead,       // the guard's clocks are ahead, so that its evidence is younger than its write
  reads_echo_writes,  // read-backs are answered from what was sent, not from what is stored
};

// Says that an entry is durable, and writes it after that.
class EarlyStore final : public guard::Store {
 public:
  using Void = boost::asio::awaitable<guard::Result<void>>;
  EarlyStore(World& world, Node node, guard::Store& inner)
      : world_(world), node_(node), inner_(inner) {}

  boost::asio::awaitable<guard::Result<guard::Loaded>> load() override { return inner_.load(); }
  Void append(std::vector<guard::Entry> entries) override {
    boost::asio::co_spawn(world_.executor(node_), inner_.append(std::move(entries)),
                          [](std::exception_ptr, guard::Result<void>) {});
    co_return guard::Result<void>();
  }
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
  World& world_;
  Node node_;
  guard::Store& inner_;
};

// Both clocks run ahead of the world's by `ahead`.
class AheadClock final : public guard::Clock {
 public:
  AheadClock(guard::Clock& inner, Duration ahead) : inner_(inner), ahead_(ahead) {}
  TimePoint now() const override { return inner_.now() + ahead_; }
  WallTime wall() const override {
    return inner_.wall() + std::chrono::duration_cast<WallTime>(ahead_);
  }
  boost::asio::awaitable<void> sleep_until(TimePoint when) override {
    return inner_.sleep_until(when - ahead_);
  }

 private:
  guard::Clock& inner_;
  Duration ahead_;
};

// Shows in each read-back what the last save of the visit sent.
class EchoingTransport final : public probes::Transport {
 public:
  explicit EchoingTransport(probes::Transport& inner) : inner_(inner) {}

  boost::asio::awaitable<probes::Reply> exchange(probes::Request request,
                                                 probes::Limits limits) override {
    const bool is_read = request.method == "GET";
    if (request.method == "PUT") keep(request);
    probes::Reply reply = co_await inner_.exchange(std::move(request), limits);
    if (is_read && reply.has_value()) reply->body = show(reply->body);
    co_return reply;
  }

 private:
  void keep(const probes::Request& request) {
    const auto begin = request.url.find("visit-");
    const auto end = request.url.find('/', begin);
    saved_[request.url.substr(begin, end - begin)] = nlohmann::json::parse(request.body);
  }
  std::string show(const std::string& body) const {
    auto shown = nlohmann::json::parse(body);
    if (shown.contains("id")) echo(shown);
    if (shown.contains("visits"))
      for (auto& visit : shown["visits"]) echo(visit);
    return shown.dump();
  }
  void echo(nlohmann::json& visit) const {
    const auto found = saved_.find(visit["id"].get<std::string>());
    if (found != saved_.end()) visit.update(found->second);
  }

  probes::Transport& inner_;
  std::map<std::string, nlohmann::json> saved_;
};

}  // namespace readback::simulation
