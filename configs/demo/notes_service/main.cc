// The practice-notes service of the demo: an application as any other that asks a flag service.

#include <csignal>
#include <cstdio>
#include <exception>
#include <sstream>
#include <string>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "configs/demo/coroutines.h"
#include "configs/demo/notes_service/routes.h"
#include "configs/demo/notes_service/schema.h"
#include "configs/demo/notes_service/server.h"
#include "configs/demo/notes_service/service.h"
#include "configs/demo/token.h"

namespace demo::notes {
namespace asio = boost::asio;

namespace {

struct Options {
  std::string listen = "127.0.0.1:0";
  std::string database;
  Population population;
  std::string token_secret_file, admin_token_file, ofrep_token_file, lease_key_file;
  bool keeps_drafts = false;
  Flag::Options flag{.url = "", .token = "", .key = "notes-editor-v2"};
  std::string fault = "none";
};

void declare(CLI::App& app, Options& options) {
  app.add_option("--listen", options.listen, "ADDRESS:PORT; port 0 is a free one")
      ->capture_default_str();
  app.add_option("--database", options.database, "SQLite file, made where there is none")
      ->required();
  app.add_option("--seed", options.population.seed, "of what is drawn")->capture_default_str();
  app.add_option("--practitioners", options.population.practitioners, "real ones to make")
      ->check(CLI::Range(0, 99'999));
  app.add_option("--synthetic", options.population.synthetic, "synthetic ones to make")
      ->check(CLI::Range(0, 999));
  app.add_option("--token-secret-file", options.token_secret_file,
                 "a practitioner's token is hex HMAC-SHA256(secret, id)")
      ->required();
  app.add_option("--admin-token-file", options.admin_token_file, "no administration without");
  app.add_option("--ofrep", options.flag.url, "URL of the flag service; old editor without");
  app.add_option("--ofrep-token-file", options.ofrep_token_file, "its bearer token");
  app.add_option("--flag", options.flag.key, "key of the flag")->capture_default_str();
  app.add_flag_callback(
      "--unsafe-code-default", [&options] { options.flag.code_default = Path::new_editor; },
      "take the new editor when the flag service gives no answer: a bug to be found");
  app.add_option("--lease-key-file", options.lease_key_file,
                 "keys of lease tokens, one a line: a visit that is opened is told its editor, and "
                 "its saves show the token; without it each save asks the flag");
  app.add_flag("--keep-drafts", options.keeps_drafts,
               "keep what the new editor wrote until it is proven, and write it again after a "
               "revert");
  app.add_option("--fault", options.fault, "fault that is on from the start")
      ->capture_default_str()
      ->check([](const std::string& name) {
        return parse_faults(name) ? std::string() : "no fault: " + name;
      });
}

asio::awaitable<void> end_on_signal(asio::signal_set& signals, Coroutines& coroutines) {
  boost::system::error_code error;
  co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, error));
  coroutines.cancel();
}

Service::Options service_options(const Options& options) {
  Service::Options service{.secret = read_secret(options.token_secret_file),
                           .admin_token = {},
                           .seed = options.population.seed,
                           .flag = options.flag,
                           .keeps_drafts = options.keeps_drafts};
  if (!options.admin_token_file.empty())
    service.admin_token = read_secret(options.admin_token_file);
  if (!options.ofrep_token_file.empty()) service.flag.token = read_secret(options.ofrep_token_file);
  if (!options.lease_key_file.empty()) {
    std::istringstream lines(read_secret(options.lease_key_file));
    for (std::string key; std::getline(lines, key);)
      if (!key.empty()) service.lease_keys.push_back(key);
  }
  return service;
}

void run(const Options& options) {
  Database database = open_database(options.database);
  populate(database, options.population);
  asio::io_context context(1);
  Service service(context.get_executor(), database, service_options(options));
  service.fault_switch = {*parse_faults(options.fault), now_ms()};
  Coroutines coroutines(context.get_executor());
  Server server(coroutines, context.get_executor(), options.listen,
                [&service](Request request) { return respond(service, std::move(request)); });
  asio::signal_set signals(context, SIGINT, SIGTERM);
  coroutines.start(end_on_signal(signals, coroutines));
  coroutines.start(service.erasures.run());
  coroutines.start(service.recovery.run());
  coroutines.start(server.run());
  std::printf("%s\n", nlohmann::json{{"listening", server.port()}}.dump().c_str());
  std::fflush(stdout);
  context.run();
  coroutines.rethrow();
}

}  // namespace
}  // namespace demo::notes

int main(int argc, char** argv) {
  CLI::App app("A small practice-notes service: visits, notes, documents, search, history.");
  demo::notes::Options options;
  demo::notes::declare(app, options);
  CLI11_PARSE(app, argc, argv);
  try {
    demo::notes::run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "notes_service: %s\n", error.what());
    return 1;
  }
}
