#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <thread>

#include "guard/command/commands.h"
#include "guard/command/run.h"
#include "guard/command/simulate.h"
#include "guard/command/validate.h"

namespace readback::guard {

void add_daemon_commands(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<RunOptions>();  // lives as long as the callback
  CLI::App* command = app.add_subcommand("run", "Run the guard until SIGTERM; SIGHUP reloads");
  command->add_option("config", options->config, "guard.yaml")->required();
  command->add_option("--state", options->state, "State directory (else $READBACK_STATE)");
  command->add_flag("--json", options->as_json, "Log events as JSON, one a line");
  command->callback([options, &exit_code] { exit_code = run(*options, std::cerr); });
}

namespace {

void add_simulate(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<SimulateOptions>();  // lives as long as the callback
  options->threads = std::max(1U, std::thread::hardware_concurrency());
  CLI::App* command = app.add_subcommand(
      "simulate",
      "What a config would do: how soon losses are seen, and what is at risk till then");
  command->add_option("config", options->config, "guard.yaml")->required();
  command->add_option("--flag", options->flag, "This one alone");
  command->add_option("--svg", options->svg, "Draw a picture into this file");
  command->add_flag("--json", options->as_json, "Print JSON");
  command->add_option("--rollouts", options->rollouts, "To play of each scenario")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Of all chances")->capture_default_str();
  command->add_option("--threads", options->threads, "They change no number")
      ->check(CLI::Range(1, 1'024))
      ->capture_default_str();
  command->add_option("--practitioners", options->practitioners, "Real ones, at 100 %")
      ->capture_default_str();
  command->add_option("--writes-per-hour", options->writes_per_hour, "Notes of each of them")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--answer-ms", options->answer_ms, "Of the application, to each request")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_option("--hours", options->hours, "Healthy before a loss, and played on after it")
      ->check(CLI::Range(1, 24 * 30))
      ->capture_default_str();
  command->callback(
      [options, &exit_code] { exit_code = simulate(*options, std::cout, std::cerr); });
}

}  // namespace

void add_config_commands(CLI::App& app, int& exit_code) {
  add_simulate(app, exit_code);
  const auto options = std::make_shared<ValidateOptions>();  // lives as long as the callback
  CLI::App* command = app.add_subcommand(
      "validate", "Check a config and print the bounds on harm that it promises");
  command->add_option("config", options->config, "guard.yaml")->required();
  command->add_flag("--json", options->as_json, "Print JSON");
  command->callback(
      [options, &exit_code] { exit_code = validate(*options, std::cout, std::cerr); });
}

}  // namespace readback::guard
