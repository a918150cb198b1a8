#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "guard/configuration.h"
#include "guard/core.h"
#include "guard/decider.h"
#include "guard/exposures.h"
#include "guard/holders.h"
#include "guard/loop_watch.h"
#include "guard/mailbox.h"
#include "guard/orphan_probe.h"
#include "guard/probe_counts.h"
#include "guard/prober.h"
#include "guard/publisher.h"
#include "guard/server/clients.h"
#include "guard/server/ofrep.h"
#include "guard/server/stamps.h"
#include "guard/witness.h"

// The whole guard but for sockets and signals: wiring, and nothing else. It stands on seams alone,
// so that the simulation runs it unchanged.

namespace readback::guard {

// What a guard stands on. All outlive it.
struct Seams {
  boost::asio::any_io_executor executor;  // of decisions: one thread
  boost::asio::any_io_executor disk;      // of blocking file calls, one at a time
  Clock& clock;
  Entropy& entropy;
  probes::Transport& transport;
  Store& store;
  LatchFile& latches;
  Core core{};
};

class Guard {
 public:
  // `exposure_key`: of the names in the exposure record (guard/exposures.h).
  Guard(const Seams& seams, Configuration configuration, std::string exposure_key);

  // Reads what the store holds and publishes what may be served: the safe variant, until there is
  // evidence. Once, before anything is served. A store that can't be opened is no failure: the safe
  // variant is served, and store_trouble() says why.
  boost::asio::awaitable<void> begin();

  // Decides and probes until cancelled.
  boost::asio::awaitable<void> run();

  // Takes the place of the configuration before; rollouts keep their position. Rounds that are
  // under way are abandoned, their acknowledged writes are still read back.
  void reload(Configuration configuration);
  // A new configuration was refused, and the old one stays; told by metrics and status.
  void note_failed_reload(std::vector<Fault> faults);

  // `then` is called each time that a new configuration was taken: what it says is served from here
  // on. To be set before run().
  void when_configured(std::function<void()> then) { when_configured_ = std::move(then); }

  // POST /ofrep/v1/evaluate/..., GET /ofrep/v1/streams/... and GET /readback/v1/flags/...
  std::vector<server::Route> evaluation_routes();

  Decider& decider() { return decider_; }
  const Decider& decider() const { return decider_; }
  const Configuration& configuration() const { return configuration_; }
  const Publisher& publisher() const { return publisher_; }
  const Exposures& exposures() const { return exposures_; }
  const ProbeCounts& probe_counts() const { return probe_counts_; }
  const server::EvaluationCounts& evaluation_counts() const { return evaluation_counts_; }
  const Holders& holders() const { return holders_; }
  const server::EventStreams& event_streams() const { return event_streams_; }
  const LoopWatch& loop_watch() const { return loop_watch_; }
  const Clock& clock() const { return seams_.clock; }
  // Of the last reload; empty if it was taken.
  const std::vector<Fault>& reload_faults() const { return reload_faults_; }
  WallTime last_reload() const { return last_reload_; }
  std::size_t pending_reads() const;

 private:
  boost::asio::awaitable<void> probe();
  boost::asio::awaitable<void> wait_for_reload(Tasks& probers);
  boost::asio::awaitable<void> flush_exposures();
  void publish_definitions();
  Surroundings surroundings();

  Seams seams_;
  Configuration configuration_;
  Publisher publisher_;
  Witness witness_;
  LoopWatch loop_watch_;
  Exposures exposures_;
  server::EvaluationCounts evaluation_counts_;
  Holders holders_;
  server::ClientTokens client_tokens_;
  server::EventStreams event_streams_;
  server::Clients clients_;
  server::Stamps stamps_;
  ProbeCounts probe_counts_;
  Decider decider_;
  Mailbox<Configuration> reloads_;
  std::vector<std::unique_ptr<Prober>> probers_;
  std::vector<std::unique_ptr<OrphanProbe>> orphans_;
  std::map<std::string, History> histories_;  // while the store is being read
  std::vector<PendingRead> left_;  // of an earlier process or configuration, not followed yet
  std::vector<Fault> reload_faults_;
  WallTime last_reload_{};
  std::function<void()> when_configured_ = [] {};
};

}  // namespace readback::guard
