#include "guard/guard.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <cassert>
#include <utility>

#include "guard/server/flag_routes.h"

namespace readback::guard {
namespace asio = boost::asio;

namespace {

constexpr Duration kFlushEvery = std::chrono::seconds(2);
constexpr Duration kRefetchAtMost = std::chrono::seconds(30);
constexpr Duration kRefetchAtLeast = std::chrono::seconds(1);

std::vector<Terms> all_terms(const Configuration& configuration) {
  std::vector<Terms> terms;
  for (const Guarded& guarded : configuration.guarded)
    if (guarded.flag.rollout) terms.push_back(terms_of(guarded));
  return terms;
}

// Often enough that a client which asks at the one or the other event still has its lease renewed.
Duration refetch_period(const Configuration& configuration) {
  Duration period = kRefetchAtMost;
  for (const Guarded& guarded : configuration.guarded)
    if (guarded.flag.rollout)
      period = std::min<Duration>(period, guarded.flag.rollout->max_evidence_age / 3);
  return std::max(period, kRefetchAtLeast);
}

server::Stamps::Known known(const Decider& decider, const std::string& flag) {
  const State* const state = decider.state(flag);
  if (state == nullptr) return {};
  return {state->latch.generation, decider.proven_until(flag)};
}

// guard/server/flag_routes.h
nlohmann::json describe(const Decider& decider, const std::string& flag,
                        std::optional<WallTime> proven_until) {
  const State* const state = decider.state(flag);
  if (state == nullptr) return nullptr;
  nlohmann::json body = {
      {"flag", flag},
      {"provenUntilMs", nullptr},
      {"isReverted", state->phase == Phase::latched || state->phase == Phase::proving},
      {"generation", state->latch.generation}};
  if (proven_until) body["provenUntilMs"] = proven_until->count();
  return body;
}

Exposures::Options exposure_options(const Configuration& configuration, std::string key) {
  Exposures::Options options;
  options.key = std::move(key);
  options.records_a_flag = configuration.exposures.at_most;
  return options;
}

}  // namespace

Guard::Guard(const Seams& seams, Configuration configuration, std::string exposure_key)
    : seams_(seams),
      configuration_(std::move(configuration)),
      loop_watch_(seams_.clock),
      exposures_(seams_.clock, &seams_.store, exposure_options(configuration_, exposure_key)),
      holders_(seams_.clock),
      client_tokens_(std::move(exposure_key)),
      event_streams_(seams_.executor, seams_.clock, client_tokens_),
      clients_{client_tokens_, event_streams_, holders_, seams_.entropy},
      stamps_([this](const std::string& flag) { return known(decider_, flag); }),
      decider_(seams_.executor, seams_.disk, seams_.clock, publisher_, seams_.store, seams_.latches,
               {.core = seams_.core}),
      reloads_(seams_.executor, 1) {
  publisher_.when_narrowed([this] { event_streams_.narrowed(); });
}

asio::awaitable<void> Guard::begin() {
  const flags::Moment now = seams_.clock.moment();
  EntryVisitor each = [this, now](const Entry& entry) {
    if (!entry.flag.empty()) histories_[entry.flag].take(entry, now);
  };
  Result<Loaded> loaded = co_await seams_.store.load(std::move(each));
  const bool is_store_well = loaded.has_value();
  if (!is_store_well) histories_.clear();
  if (is_store_well) {
    exposures_.load(loaded->exposures);
    left_ = std::move(loaded->pending);
  }
  std::vector<Terms> all = all_terms(configuration_);
  for (Terms& terms : all) {
    const Latch latch = co_await decider_.read_latch(terms.flag);
    const History& history = histories_[terms.flag];
    decider_.begin(std::move(terms), latch, history, is_store_well);
  }
  histories_.clear();
  StoreFailed failed;
  if (!is_store_well) failed.what = loaded.error().what;
  if (!is_store_well)
    for (const std::string& flag : decider_.flags()) decider_.tell(flag, failed);
  last_reload_ = seams_.clock.wall();
  publish_definitions();
}

void Guard::publish_definitions() {
  auto definitions = std::make_shared<flags::Definitions>();
  std::set<std::string> by_id;
  for (const Guarded& guarded : configuration_.guarded) {
    definitions->flags.emplace(guarded.flag.key, guarded.flag);
    if (configuration_.exposures.record == ExposureOptions::Identity::id)
      by_id.insert(guarded.flag.key);
    for (const probes::Practitioner& practitioner : guarded.plan.practitioners)
      definitions->synthetic[guarded.flag.key].insert(practitioner.id);
    if (const auto& orphan = guarded.plan.orphan) {
      definitions->synthetic[guarded.flag.key].insert(orphan->id);
      definitions->orphans[guarded.flag.key] = orphan->id;
    }
  }
  exposures_.allow_ids(std::move(by_id));
  event_streams_.refetch_every(refetch_period(configuration_));
  stamps_.set_key(configuration_.lease_key);
  publisher_.set_definitions(std::move(definitions));
}

asio::awaitable<void> Guard::run() {
  Tasks tasks(seams_.executor);
  tasks.start(loop_watch_.watch());
  tasks.start(decider_.run());
  tasks.start(flush_exposures());
  tasks.start(event_streams_.run());
  tasks.start(probe());
  co_await tasks.join();
}

Surroundings Guard::surroundings() {
  return {seams_.clock, seams_.entropy, seams_.transport, seams_.store, decider_,
          publisher_,   witness_,       loop_watch_,      probe_counts_};
}

asio::awaitable<void> Guard::probe() {
  // One turn a configuration: it ends by a reload, which cancels the probers, or from outside.
  for (;;) {
    Tasks probers(seams_.executor);
    for (const Guarded& guarded : configuration_.guarded) {
      if (!guarded.flag.rollout) continue;
      Subject subject;
      subject.flag = guarded.flag.key;
      subject.treatment = guarded.flag.treatment;
      subject.safe = guarded.flag.safe;
      subject.plan = guarded.plan;
      subject.answer_within = configuration_.answer_within;
      if (subject.plan.orphan) {
        orphans_.push_back(std::make_unique<OrphanProbe>(seams_.executor, subject, surroundings()));
        probers.start(orphans_.back()->run());
      }
      probers_.push_back(
          std::make_unique<Prober>(seams_.executor, std::move(subject), surroundings()));
      probers.start(probers_.back()->run(left_));
    }
    left_.clear();
    probers.start(wait_for_reload(probers));
    co_await probers.join();
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) co_return;
    for (const auto& prober : probers_) {
      std::vector<PendingRead> left = prober->left();
      left_.insert(left_.end(), left.begin(), left.end());
    }
    probers_.clear();
    orphans_.clear();
    // The definitions first: whoever is new is published safe before he is decided about.
    publish_definitions();
    std::vector<Terms> all = all_terms(configuration_);
    co_await decider_.configure(std::move(all));
    when_configured_();
  }
}

asio::awaitable<void> Guard::wait_for_reload(Tasks& probers) {
  configuration_ = co_await reloads_.receive();
  probers.cancel();
}

void Guard::reload(Configuration configuration) {
  reload_faults_.clear();
  last_reload_ = seams_.clock.wall();
  // The newest wins over one that isn't taken yet.
  reloads_.clear();
  [[maybe_unused]] const bool is_sent = reloads_.send(std::move(configuration));
  assert(is_sent);
}

void Guard::note_failed_reload(std::vector<Fault> faults) {
  reload_faults_ = std::move(faults);
  last_reload_ = seams_.clock.wall();
}

asio::awaitable<void> Guard::flush_exposures() {
  for (;;) {
    co_await seams_.clock.sleep_for(kFlushEvery);
    const Result<void> flushed = co_await exposures_.flush();
    StoreFailed failed;
    if (flushed.has_error()) failed.what = flushed.error().what;
    if (flushed.has_error())
      for (const std::string& flag : decider_.flags()) decider_.tell(flag, failed);
  }
}

std::vector<server::Route> Guard::evaluation_routes() {
  std::vector<server::Route> routes = server::ofrep(publisher_, seams_.clock, exposures_, witness_,
                                                    evaluation_counts_, stamps_, &clients_);
  routes.push_back(event_streams_.route());
  routes.push_back(server::flag_state([this](const std::string& flag) {
    return describe(decider_, flag, stamps_.proven_until(flag));
  }));
  return routes;
}

std::size_t Guard::pending_reads() const {
  std::size_t pending = 0;
  for (const auto& prober : probers_) pending += prober->pending();
  return pending;
}

}  // namespace readback::guard
