#include "guard/command/run.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <exception>
#include <memory>
#include <ostream>
#include <set>

#include "guard/command/run_log.h"
#include "guard/configuration.h"
#include "guard/exposures.h"
#include "guard/guard.h"
#include "guard/server/admin.h"
#include "guard/server/listener.h"
#include "guard/server/metrics.h"
#include "guard/server/openapi.h"
#include "guard/sqlite_store.h"
#include "guard/state_directory.h"
#include "guard/system_clock.h"
#include "guard/watchdog.h"
#include "probes/http.h"

namespace readback::guard {
namespace asio = boost::asio;

namespace {

// Hosts that probes may write to: those that the plans list.
std::set<std::string> hosts_of(const Configuration& configuration) {
  std::set<std::string> hosts;
  for (const Guarded& guarded : configuration.guarded)
    hosts.insert(guarded.plan.target.hosts.begin(), guarded.plan.target.hosts.end());
  return hosts;
}

// All that the daemon owns, in the order in which it may go: last things first.
class Daemon {
 public:
  Daemon(Configuration configuration, const StateDirectory& directory, DaemonLock lock,
         std::unique_ptr<LatchDevice> latch_device, std::string exposure_key,
         std::unique_ptr<probes::Transport> transport, asio::io_context& io, RunLog& log)
      : directory_(directory),
        lock_(std::move(lock)),
        latch_device_(std::move(latch_device)),
        latches_(*latch_device_),
        io_(io),
        log_(log),
        store_(disk_.get_executor(), {.path = directory.database()}),
        transport_(std::move(transport)),
        authenticator_(geteuid(), getegid()),
        guard_({io.get_executor(), disk_.get_executor(), clock_, entropy_, *transport_, store_,
                latches_},
               std::move(configuration), std::move(exposure_key)),
        watchdog_(guard_.configuration().watchdog) {}

  ~Daemon() {
    disk_.join();  // The store outlives its last operation.
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  asio::awaitable<void> live();

 private:
  asio::awaitable<void> end_on_signal(Tasks& tasks);
  asio::awaitable<void> reload_on_signal();
  asio::awaitable<nlohmann::json> reload();
  Result<std::uint16_t> listen();
  void note_last_run(const Configuration& configuration, bool is_taken);

  StateDirectory directory_;
  DaemonLock lock_;
  std::unique_ptr<LatchDevice> latch_device_;
  LatchFile latches_;
  asio::io_context& io_;
  RunLog& log_;
  asio::thread_pool disk_{1};
  SystemClock clock_;
  SystemEntropy entropy_;
  SqliteStore store_;
  std::unique_ptr<probes::Transport> transport_;
  server::Authenticator authenticator_;
  server::Origins origins_;
  Guard guard_;
  Watchdog watchdog_;
  std::unique_ptr<server::Listener> evaluation_;
  std::unique_ptr<server::Listener> admin_;
  std::uint16_t port_ = 0;
};

asio::awaitable<void> Daemon::live() {
  co_await guard_.begin();
  const Result<std::uint16_t> port = listen();
  if (port.has_error()) throw std::runtime_error(port.error().where + ": " + port.error().what);
  port_ = *port;
  note_last_run(guard_.configuration(), true);
  guard_.when_configured([this] { note_last_run(guard_.configuration(), true); });
  const std::string& host = guard_.configuration().listen_host;
  log_.say("listening", "listening on " + host + ":" + std::to_string(port_),
           {{"host", host}, {"port", port_}});
  Tasks tasks(io_.get_executor());
  tasks.start(guard_.run());
  tasks.start(evaluation_->serve());
  tasks.start(admin_->serve());
  tasks.start(watchdog_.keep_alive(clock_));
  tasks.start(reload_on_signal());
  tasks.start(end_on_signal(tasks));
  co_await tasks.join();
}

Result<std::uint16_t> Daemon::listen() {
  const Configuration& configuration = guard_.configuration();
  authenticator_.set_tokens(configuration.tokens);
  origins_.set(configuration.browser_origins);
  server::ListenerOptions options;
  options.on_failure = [this](std::string_view what) {
    log_.say("failed", "a request handler failed: " + std::string(what));
  };
  std::vector<server::Route> routes = guard_.evaluation_routes();
  auto counts = [this] { return evaluation_->counts(); };
  for (server::Route& route : server::metrics(guard_, std::move(counts)))
    routes.push_back(std::move(route));
  routes.push_back(server::openapi());
  server::ListenerOptions for_applications = options;
  for_applications.origins = &origins_;
  evaluation_ = std::make_unique<server::Listener>(io_.get_executor(), clock_, authenticator_,
                                                   std::move(routes), for_applications);
  std::vector<server::Route> operations = server::admin(guard_, [this] { return reload(); });
  admin_ = std::make_unique<server::Listener>(io_.get_executor(), clock_, authenticator_,
                                              std::move(operations), options);
  const Result<void> bound = admin_->bind_unix(directory_.socket());
  if (bound.has_error()) return bound.error();
  return evaluation_->bind_tcp(configuration.listen_host, configuration.listen_port);
}

void Daemon::note_last_run(const Configuration& configuration, bool is_taken) {
  LastRun last_run;
  const bool is_v6 = configuration.listen_host.find(':') != std::string::npos;
  const std::string host =
      is_v6 ? "[" + configuration.listen_host + "]" : configuration.listen_host;
  last_run.ofrep_address = host + ":" + std::to_string(port_);
  last_run.token_file = configuration.token_file;
  for (const Guarded& guarded : configuration.guarded)
    if (guarded.flag.rollout)
      last_run.flags[guarded.flag.key] = {guarded.flag.build,
                                          guarded.flag.rollout->max_evidence_age};
  const Result<LastRun> before = directory_.read_last_run();
  if (before.has_value()) keep_bounds(*before, clock_.wall(), last_run);
  // Until the new one is taken, what is served may have the longer stamps of the one before.
  if (before.has_value() && !is_taken)
    for (const auto& [key, flag] : before->flags) {
      auto& age = last_run.flags[key].max_evidence_age;
      age = std::max(age, flag.max_evidence_age);
    }
  const Result<void> written = directory_.write_last_run(last_run);
  if (written.has_error()) log_.say("record", written.error().what);
}

asio::awaitable<void> Daemon::end_on_signal(Tasks& tasks) {
  asio::signal_set signals(io_, SIGTERM, SIGINT);
  co_await signals.async_wait(asio::use_awaitable);
  log_.say("ending", "ending");
  tasks.cancel();
}

asio::awaitable<void> Daemon::reload_on_signal() {
  asio::signal_set signals(io_, SIGHUP);
  for (;;) {
    co_await signals.async_wait(asio::use_awaitable);
    const nlohmann::json reloaded = co_await reload();
    log_.say("reload", "reload: " + reloaded.dump(), reloaded);
  }
}

asio::awaitable<nlohmann::json> Daemon::reload() {
  std::vector<Fault> faults;
  const std::string path = guard_.configuration().path;
  std::optional<Configuration> read = read_configuration(path, faults);
  const Configuration& old = guard_.configuration();
  if (read && (read->listen_host != old.listen_host || read->listen_port != old.listen_port))
    faults.push_back({path, {}, "the address to listen at changes only with a restart"});
  if (read && hosts_of(*read) != hosts_of(old))
    faults.push_back({path, {}, "the hosts that are probed change only with a restart"});
  nlohmann::json answer{{"accepted", faults.empty()}, {"faults", nlohmann::json::array()}};
  for (const Fault& fault : faults) answer["faults"].push_back(to_string(fault));
  if (!faults.empty()) {
    guard_.note_failed_reload(std::move(faults));
    co_return answer;
  }
  authenticator_.set_tokens(read->tokens);
  origins_.set(read->browser_origins);
  note_last_run(*read, false);
  guard_.reload(std::move(*read));
  co_return answer;
}

Result<std::unique_ptr<probes::Transport>> make_transport(const Configuration& configuration,
                                                          asio::io_context& io,
                                                          SystemClock& clock) {
  probes::HttpOptions options;
  const std::set<std::string> hosts = hosts_of(configuration);
  options.allowed_hosts.assign(hosts.begin(), hosts.end());
  auto sleep = [&clock](std::chrono::milliseconds time) { return clock.sleep_for(time); };
  auto made = probes::HttpTransport::make(io.get_executor(), std::move(sleep), options);
  if (made.has_error()) return Problem{made.error().where, made.error().what};
  return std::unique_ptr<probes::Transport>(std::move(*made));
}

// Streams of browsers are open for days: as many descriptors as the system lets us have.
void raise_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

ExitCode live(Daemon& daemon, asio::io_context& io, RunLog& log) {
  std::exception_ptr failure;
  asio::co_spawn(io, daemon.live(), [&failure](std::exception_ptr why) { failure = why; });
  io.run();
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    log.say("failed", "guard: " + std::string(error.what()));
    return kFailed;
  }
  return kOk;
}

}  // namespace

ExitCode run(const RunOptions& options, std::ostream& out) {
  RunLog log(out, options.as_json);
  std::vector<Fault> faults;
  std::optional<Configuration> configuration = read_configuration(options.config, faults);
  for (const Fault& fault : faults) log.say("fault", to_string(fault));
  if (!configuration) return kConfigInvalid;

  const auto refuse = [&log](const Problem& problem) {
    log.say("failed", "guard: " + problem.where + ": " + problem.what);
    return kFailed;
  };
  umask(S_IWGRP | S_IRWXO);  // Who was exposed is nobody else's business.
  const StateDirectory directory = StateDirectory::find(options.state);
  if (const auto made = directory.make(); made.has_error()) return refuse(made.error());
  auto lock = directory.take_lock();
  if (lock.has_error()) return refuse(lock.error());
  auto latches = directory.open_latches();
  if (latches.has_error()) return refuse(latches.error());
  auto key = exposure_key(directory.path() + "/exposure-key");
  if (key.has_error()) return refuse(key.error());

  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptors();
  asio::io_context io(1);
  SystemClock clock;
  auto transport = make_transport(*configuration, io, clock);
  if (transport.has_error()) return refuse(transport.error());
  Daemon daemon(std::move(*configuration), directory, std::move(*lock), std::move(*latches),
                std::move(*key), std::move(*transport), io, log);
  return live(daemon, io, log);
}

}  // namespace readback::guard
