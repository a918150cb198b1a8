// The load generator of the demo: it plays the practitioners, keeps its own ledger of what was
// acknowledged, and says at the end what of it is really stored.

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "configs/demo/coroutines.h"
#include "configs/demo/load/audit.h"
#include "configs/demo/load/pacer.h"
#include "configs/demo/token.h"

namespace demo::load {
namespace asio = boost::asio;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

namespace {

struct Options {
  std::string url, token_secret_file, ledger, database, status_file;
  std::uint64_t seed = 1;
  int practitioners = 20'000;
  double seconds = 0;
  std::int64_t time_out_ms = 5'000;
  Pacer::Options pace;
};

void declare(CLI::App& app, Options& options) {
  app.add_option("--url", options.url, "of the notes service")->required();
  app.add_option("--token-secret-file", options.token_secret_file,
                 "as the notes service was given it")
      ->required();
  app.add_option("--ledger", options.ledger, "SQLite file to make: what was acknowledged")
      ->required();
  app.add_option("--database", options.database,
                 "of the service, read at the end only; nothing is audited without");
  app.add_option("--status-file", options.status_file, "replaced each second: counts so far");
  app.add_option("--seed", options.seed, "of who writes what")->capture_default_str();
  app.add_option("--practitioners", options.practitioners, "so many are played")
      ->check(CLI::Range(1, 99'999))
      ->capture_default_str();
  app.add_option("--rate", options.pace.saves_per_second, "saves a second")
      ->check(CLI::Range(0.01, 10'000.0))
      ->capture_default_str();
  app.add_option("--in-flight", options.pace.in_flight, "visits at once, at most")
      ->check(CLI::Range(1, 1'024))
      ->capture_default_str();
  app.add_option("--time-out-ms", options.time_out_ms, "of each request")
      ->check(CLI::Range(1, 600'000))
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "how long; until a signal without")
      ->check(CLI::Range(0.0, 1e9));
}

// One run: its parts, and the coroutines that end it and report on it.
class Run {
 public:
  explicit Run(const Options& options)
      : options_(options),
        ledger_(options.ledger),
        signals_(context_, SIGINT, SIGTERM),
        tick_(context_),
        coroutines_(context_.get_executor()),
        player_(context_.get_executor(), player_options(options), ledger_, tally_),
        pacer_(context_.get_executor(), options.pace, Visits(options.seed, options.practitioners),
               player_, coroutines_, tally_) {}

  // Plays until the end that the options name, then audits. Returns the closing report.
  json play() {
    coroutines_.start(end_on_signal());
    coroutines_.start(tell_each_second());
    coroutines_.start(pace());
    context_.run();
    coroutines_.rethrow();
    json report = status();
    report.update(audit(ledger_, options_.database));
    return report;
  }

 private:
  static Player::Options player_options(const Options& options) {
    return {.url = options.url,
            .secret = read_secret(options.token_secret_file),
            .time_out = std::chrono::milliseconds(options.time_out_ms),
            .connections = options.pace.in_flight};
  }

  asio::awaitable<void> end_on_signal() {
    boost::system::error_code error;
    co_await signals_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    pacer_.end();
  }

  asio::awaitable<void> pace() {
    co_await pacer_.run();
    coroutines_.cancel();
  }

  asio::awaitable<void> tell_each_second() {
    for (auto next = begun_;; next += std::chrono::seconds(1)) {
      tick_.expires_at(next);
      co_await tick_.async_wait(asio::use_awaitable);
      tell();
      if (options_.seconds > 0 && elapsed() >= options_.seconds) pacer_.end();
    }
  }

  void tell() {
    ledger_.flush();
    if (!options_.status_file.empty()) write_status(options_.status_file, status());
  }

  json status() const {
    json status = tally_.to_json();
    status["seconds"] = elapsed();
    status["in_flight"] = pacer_.in_flight();
    return status;
  }

  double elapsed() const { return std::chrono::duration<double>(Clock::now() - begun_).count(); }

  const Options& options_;
  Clock::time_point begun_ = Clock::now();
  Ledger ledger_;
  Tally tally_;
  asio::io_context context_{1};
  asio::signal_set signals_;
  asio::steady_timer tick_;
  Coroutines coroutines_;
  Player player_;
  Pacer pacer_;
};

}  // namespace
}  // namespace demo::load

int main(int argc, char** argv) {
  CLI::App app("Plays the practitioners of the notes service and counts what it loses.");
  demo::load::Options options;
  demo::load::declare(app, options);
  CLI11_PARSE(app, argc, argv);
  try {
    demo::load::Run run(options);
    std::printf("%s\n", run.play().dump().c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load: %s\n", error.what());
    return 1;
  }
}
