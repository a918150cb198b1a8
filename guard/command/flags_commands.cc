#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "guard/command/commands.h"
#include "guard/command/flags_evaluate.h"

namespace readback::guard {

void add_flags_commands(CLI::App& app, int& exit_code) {
  CLI::App* flags = app.add_subcommand("flags", "Flag definitions");
  flags->require_subcommand(1);
  const auto options = std::make_shared<FlagsEvaluateOptions>();  // lives as long as the callback
  CLI::App* evaluate = flags->add_subcommand(
      "evaluate", "What definitions in flagd's format answer: JSON lines in and out");
  evaluate->add_option("definitions", options->definitions, "JSON, or .yaml")->required();
  evaluate->footer(
      "A line in:  {\"flagKey\": \"F\", \"type\": \"boolean\", \"default\": false,\n"
      "             \"context\": {\"targetingKey\": \"dr-martin\"}, \"timestamp\": 1764028800}\n"
      "A line out: {\"line\": 1, \"key\": \"F\", \"value\": true, \"variant\": \"on\",\n"
      "             \"reason\": \"TARGETING_MATCH\", \"metadata\": {}}\n"
      "Only flagKey is required.");
  evaluate->callback([options, &exit_code] {
    exit_code = flags_evaluate(*options, std::cin, std::cout, std::cerr);
  });
}

}  // namespace readback::guard
