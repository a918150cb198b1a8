#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "guard/command/classify.h"
#include "guard/command/commands.h"
#include "guard/command/corpus.h"
#include "guard/command/probe.h"

namespace readback::guard {
namespace {

void add_probe(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<ProbeOptions>();  // lives as long as the callback
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

void add_classify(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<ClassifyOptions>();
  CLI::App* command = app.add_subcommand(
      "classify", "Say what became of texts: JSON lines {written, readback, ...} in and out");
  command->add_flag("--show-text", options->shows_text,
                    "Print the differing part of both texts, too");
  command->callback([options, &exit_code] {
    exit_code = classify_lines(*options, std::cin, std::cout, std::cerr);
  });
}

void add_corpus(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<CorpusOptions>();
  CLI::App* corpus = app.add_subcommand("corpus", "The classes of texts that probes write");
  corpus->require_subcommand(1);
  CLI::App* list = corpus->add_subcommand("list", "All of them, a line each");
  list->add_flag("--json", options->as_json, "Print JSON");
  list->callback([options, &exit_code] { exit_code = list_corpus(options->as_json, std::cout); });
  CLI::App* show = corpus->add_subcommand("show", "One of them, with a text and its bugs");
  show->add_option("class", options->payload_class, "Its name")->required();
  show->add_option("--seed", options->seed, "Another seed makes another text")
      ->capture_default_str();
  show->add_option("--field", options->field, "So does another field")->capture_default_str();
  show->add_flag("--json", options->as_json, "Print JSON");
  show->add_flag("--raw", options->is_raw, "The text alone, as its bytes");
  show->callback(
      [options, &exit_code] { exit_code = show_corpus(*options, std::cout, std::cerr); });
}

}  // namespace

void add_probe_commands(CLI::App& app, int& exit_code) {
  add_probe(app, exit_code);
  add_classify(app, exit_code);
  add_corpus(app, exit_code);
}

}  // namespace readback::guard
