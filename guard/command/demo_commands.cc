#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "guard/command/commands.h"
#include "guard/command/demo.h"
#include "guard/command/probe.h"

namespace readback::guard {
namespace {

void add_demo(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<DemoOptions>();  // lives as long as the callback
  CLI::App* command = app.add_subcommand(
      "demo", "Play the incident, or another fault, on real parts, and check what came of it");
  command->add_option("--fault", options->fault, "Of the notes service, NAME or NAME:ARGUMENT")
      ->capture_default_str();
  command->add_flag("--fault-from-start", options->is_from_start,
                    "Broken from the start: nobody real may be exposed at all");
  command->add_flag("--list", options->is_listing, "The faults, and no play");
  command->add_option("--directory", options->directory, "For everything of this run");
  command->add_option("--programs", options->programs, "Where notes_service and load are");
  command->callback(
      [options, &exit_code] { exit_code = play_demo(*options, std::cout, std::cerr); });
}

void add_probe(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<ProbeOptions>();
  CLI::App* probe = app.add_subcommand("probe", "Write and mend plans");
  probe->require_subcommand(1);
  CLI::App* command = probe->add_subcommand("run", "Walk each journey once an arm, and show all");
  command->add_option("plan", options->plan, "plan.yaml")->required();
  // The one way there is; asked for by name, since `guard run` is the one that goes on.
  command->add_flag("--once", options->is_once, "One walk of each journey an arm")->required();
  command->add_option("--config", options->config,
                      "guard.yaml that names the plan: the flag is answered, each arm its variant");
  command->add_flag("--json", options->as_json, "Print JSON");
  command->callback(
      [options, &exit_code] { exit_code = probe_once(*options, std::cout, std::cerr); });
}

}  // namespace

void add_demo_commands(CLI::App& app, int& exit_code) {
  add_demo(app, exit_code);
  add_probe(app, exit_code);
}

}  // namespace readback::guard
