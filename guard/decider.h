#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "guard/answer.h"
#include "guard/clock.h"
#include "guard/core.h"
#include "guard/latch_file.h"
#include "guard/mailbox.h"
#include "guard/proven.h"
#include "guard/publisher.h"
#include "guard/rollout.h"
#include "guard/store.h"
#include "guard/tasks.h"

// Owns every rollout's State and takes its events one by one. What narrows is published before
// tell() returns; writes go to a coroutine of their own, so that a slow disk delays an answer and a
// widening, and never a revert.

namespace readback::guard {

// When and why flags were reverted, and how long it took: for metrics and reports.
struct RevertRecord {
  std::string flag;
  std::string cause;
  // From the start of the first write that was seen to fail; unset for an operator's revert.
  std::optional<Duration> after_first_failure;
};

// A wall clock that was set, or was wrong and was corrected.
struct ClockJump {
  WallTime at{};                   // by the clock after it
  std::chrono::milliseconds by{};  // forward; negative: backward
};

class Decider {
 public:
  // The newest jumps that are kept.
  static constexpr std::size_t kClockJumps = 16;

  struct Options {
    Duration tick = std::chrono::milliseconds(250);
    // A wall clock that moves by more than this against boot time within a tick has jumped.
    Duration jump = std::chrono::seconds(1);
    Core core{};
  };

  // `disk` runs the latch file's blocking calls, one at a time. Everything outlives this.
  Decider(boost::asio::any_io_executor executor, boost::asio::any_io_executor disk, Clock& clock,
          Publisher& publisher, Store& store, LatchFile& latches, Options options);

  // Begins with what the store holds; `is_store_well`: false if it could not be opened, in which
  // case only the safe variant is served. To be called for each flag before run().
  void begin(Terms terms, const Latch& latch, const History& history, bool is_store_well);
  // What begin() is to be given; read where blocking calls are made.
  boost::asio::awaitable<Latch> read_latch(std::string flag);

  // Another configuration: flags that are new begin, those that are gone end. A flag that is gone
  // stays until its revert is on disk, and begins again with it if it comes back before.
  boost::asio::awaitable<void> configure(std::vector<Terms> terms);

  // Takes one event. Of a flag that isn't known it is dropped.
  void tell(const std::string& flag, Happening happening);

  // Takes a command and waits for its answer, which comes once its write is durable.
  boost::asio::awaitable<Acknowledgement> ask(std::string flag, Command command);

  // Waits until what was decided before is written, or could not be.
  boost::asio::awaitable<void> written();

  // Ticks and writes until cancelled; what was asked to be written before is still written.
  boost::asio::awaitable<void> run();

  const State* state(const std::string& flag) const;  // null if there is none
  // Up to when what treatment wrote is proven (guard/proven.h).
  std::optional<WallTime> proven_until(const std::string& flag) const;
  std::vector<std::string> flags() const;  // of the configuration
  const std::vector<RevertRecord>& reverts() const { return reverts_; }
  const std::string& store_trouble() const { return store_trouble_; }
  // Since the start, oldest first.
  const std::deque<ClockJump>& clock_jumps() const { return clock_jumps_; }

 private:
  struct Job {
    std::string flag;
    Write write;
  };
  struct Outcome {
    bool is_latch_durable = true;
    bool is_ledger_durable = true;
    std::string trouble;  // empty: all of it is durable
  };

  void decide(State& state, Happening happening);
  void end_those_gone();
  void note_revert(const State& state);
  void acknowledge(const Acknowledgement& acknowledgement);
  boost::asio::awaitable<void> tick();
  boost::asio::awaitable<void> write();
  boost::asio::awaitable<void> write_next();
  boost::asio::awaitable<Outcome> write_one(const Job& job);
  boost::asio::awaitable<Result<void>> write_latch(const std::string& flag, const Latch& latch);
  void settle(Job job, const Outcome& outcome);

  boost::asio::any_io_executor executor_;
  boost::asio::any_io_executor disk_;
  Clock& clock_;
  Publisher& publisher_;
  Store& store_;
  LatchFile& latches_;
  Options options_;
  Mailbox<Job> jobs_;
  std::map<std::string, State> states_;
  std::set<std::string> gone_;  // of states_: no more configured, but their latch isn't on disk
  std::map<std::string, Proven> proven_;
  std::map<std::uint64_t, Answer<Acknowledgement>> asking_;  // by ticket
  std::uint64_t next_ticket_ = 1;
  std::uint64_t jobs_sent_ = 0;
  std::uint64_t jobs_settled_ = 0;
  std::multimap<std::uint64_t, Answer<bool>> waiting_;  // by the job that is waited for
  std::vector<RevertRecord> reverts_;
  std::string store_trouble_;
  std::deque<ClockJump> clock_jumps_;
};

}  // namespace readback::guard
