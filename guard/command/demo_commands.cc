#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "guard/command/commands.h"
#include "guard/command/demo.h"

namespace readback::guard {

void add_demo_commands(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<DemoOptions>();  // lives as long as the callback
  CLI::App* command = app.add_subcommand(
      "demo", "Play the incident, or another fault, on real parts, and check what came of it");
  command->add_option("--fault", options->fault, "Of the notes service, NAME or NAME:ARGUMENT")
      ->capture_default_str();
  command->add_flag("--fault-from-start", options->is_from_start,
                    "Broken from the start: nobody real may be exposed at all");
  command->add_flag("--list", options->is_listing, "The faults, and no play");
  command->add_flag("--json", options->as_json, "Print JSON at the end; the play goes to stderr");
  command->add_option("--directory", options->directory, "For everything of this run");
  command->add_option("--programs", options->programs, "Where notes_service and load are");
  command->callback(
      [options, &exit_code] { exit_code = play_demo(*options, std::cout, std::cerr); });
}

}  // namespace readback::guard
