#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "guard/command/commands.h"
#include "guard/command/replay.h"

namespace readback::guard {

void add_evidence_commands(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<ReplayOptions>();  // lives as long as the callback
  CLI::App* command = app.add_subcommand(
      "replay", "Run one process of the evidence over outcomes from standard input");
  command
      ->add_option("--parameters", options->parameters,
                   "YAML or .json: `process` and what it takes")
      ->required();
  command->footer(
      "process is mixture, windows, stream (both), streams, block, upper_bound, practitioner or\n"
      "counts. Any other parameter may be left out: p0 1e-5, alpha 1e-6, horizon 1000000, grid,\n"
      "weights, spending {at_start, step_ratio, evenly}, boost, mixture_part, from_start_part,\n"
      "from_start and sliding {least_failures, first, ratio, most_failures}, shares {cell, all,\n"
      "field, payload_class, path, journey}; odds, level 0.01, failed (fail or not_ok); delta "
      "0.05,\n"
      "ratios, rate; treated, controls; null_odds 3. The first line out tells all in force.\n\n"
      "Outcomes are JSON lines, by process:\n"
      "  mixture, windows, stream  {\"outcome\": \"ok\"}, with \"times\": N; {\"outcome\": "
      "\"fail\"}, with\n"
      "                            \"size\" and \"failed\" of a batch; {\"step\": true}\n"
      "  streams       {\"batch\": [{\"outcome\": \"ok\", \"journey\": \"visit\", \"field\": "
      "\"plan\",\n"
      "                \"payload_class\": \"any\", \"path\": \"record\", \"delay\": \"0 s\"}], "
      "\"times\": N}\n"
      "  block         {\"treatment\": \"fail\", \"controls\": [\"ok\", \"ok\", \"info\"]}\n"
      "  upper_bound   {\"outcome\": \"ok\", \"times\": N}\n"
      "  practitioner  {\"treated\": true, \"blank\": false}\n"
      "  counts        {\"treated\": 90, \"treated_blank\": 1, \"controls\": 900, "
      "\"controls_blank\": 0}\n"
      "                or treated_exposure and controls_exposure\n\n"
      "Answers are JSON lines: {\"line\": N, \"log_e\": X, ..., \"decision\": \"none\"}, where "
      "log_e is\n"
      "a natural logarithm and the decision none, revert, flag or advance.");
  command->callback(
      [options, &exit_code] { exit_code = replay(*options, std::cin, std::cout, std::cerr); });
}

}  // namespace readback::guard
