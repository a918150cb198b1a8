#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "guard/command/commands.h"
#include "guard/command/run.h"
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

void add_config_commands(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<ValidateOptions>();  // lives as long as the callback
  CLI::App* command = app.add_subcommand(
      "validate", "Check a config and print the bounds on harm that it promises");
  command->add_option("config", options->config, "guard.yaml")->required();
  command->add_flag("--json", options->as_json, "Print JSON");
  command->callback(
      [options, &exit_code] { exit_code = validate(*options, std::cout, std::cerr); });
}

}  // namespace readback::guard
