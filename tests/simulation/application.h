#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "probes/transport.h"
#include "tests/simulation/world.h"

// The application under test with a network before it: visits whose notes are saved down one of two
// paths, as the guard's flag says. What is wrong with a path has the names of the demo's faults.

namespace readback::simulation {

struct Fault {
  enum class Kind {
    none,
    lost_when_document_shared,
    acknowledged_not_stored,
    both_arms,
    control_only,
    erase_after,
    stale_cache,
    lose_fraction,
    hang,
    error_500,
  };
  Kind kind = Kind::none;
  double amount = 0;  // seconds, or the share that is lost
};

// "erase-after:5", "none", ... Asserts that there is such a fault.
Fault fault_named(std::string_view name);

struct Network {
  Duration latency = std::chrono::milliseconds(20);  // the longest, each way
  double silence = 0;  // share of exchanges that end in a time-out: half never came to be
};

class Application final : public probes::Transport {
 public:
  // The variant for a practitioner; empty, and so the old path, if no answer came in time.
  using AskFlag = std::function<boost::asio::awaitable<std::string>(std::string practitioner)>;

  Application(World& world, Network network, AskFlag ask_flag)
      : world_(world), network_(network), ask_flag_(std::move(ask_flag)) {}

  void break_with(Fault fault) { fault_ = fault; }
  // Who may be written to: practitioners and patients.
  void expect(std::set<std::string> ids) { expected_ = std::move(ids); }

  boost::asio::awaitable<probes::Reply> exchange(probes::Request request,
                                                 probes::Limits limits) override;

  // When each write set out.
  const std::set<TimePoint>& write_starts() const { return write_starts_; }
  // The first request that was about somebody who wasn't expected; empty if there was none.
  const std::string& stranger() const { return stranger_; }
  std::size_t visits() const { return visits_.size(); }

 private:
  struct Visit {
    std::string patient;
    std::string practitioner;
    nlohmann::json notes = nlohmann::json::object();
    nlohmann::json notes_before = nlohmann::json::object();
    bool has_shared_document = false;
    TimePoint fresh_from{};                  // reads before this see the notes before
    TimePoint gone_from = TimePoint::max();  // reads after this see none
  };
  using Visits = std::map<std::string, Visit>;

  boost::asio::awaitable<probes::Response> answer(probes::Request request);
  boost::asio::awaitable<probes::Response> save(std::string id, nlohmann::json notes);
  probes::Response create(const std::string& patient, const nlohmann::json& body);
  probes::Response list(const std::string& patient) const;
  nlohmann::json show(const Visits::value_type& visit) const;
  bool loses(const Visit& visit, bool is_new_path);
  void meet(const std::string& id);
  double chance();
  TimePoint after_latency();

  World& world_;
  Network network_;
  AskFlag ask_flag_;
  Fault fault_;
  std::set<std::string> expected_;
  Visits visits_;
  std::uint64_t made_ = 0;
  std::set<TimePoint> write_starts_;
  std::string stranger_;
};

}  // namespace readback::simulation
