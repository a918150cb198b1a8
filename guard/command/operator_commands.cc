#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "guard/command/audit.h"
#include "guard/command/commands.h"
#include "guard/command/explain.h"
#include "guard/command/operate.h"
#include "guard/command/rollback.h"

namespace readback::guard {
namespace {

constexpr const char* kState = "State directory (else $READBACK_STATE, else /var/lib/readback)";

// Callbacks run after this file's functions have returned, so each owns what it was given.
struct Given {
  OperateOptions operate;
  CommandOptions command;
  RollbackOptions rollback;
  AuditOptions audit;
  ExplainOptions explain;
  std::string flag;
};

template <class Run>
void runs(CLI::App* command, int& exit_code, Run run) {
  command->callback([&exit_code, run] { exit_code = run(); });
}

void add_common(CLI::App* command, std::string& state, bool& as_json) {
  command->add_option("--state", state, kState);
  command->add_flag("--json", as_json, "Print JSON");
}

void add_status(CLI::App& app, int& exit_code) {
  const auto given = std::make_shared<Given>();
  CLI::App* const status = app.add_subcommand(
      "status", "Show what is served and why; ends with the next command to run");
  status->add_option("flag", given->flag, "One flag (else all)");
  add_common(status, given->operate.state, given->operate.as_json);
  runs(status, exit_code,
       [given] { return show_status(given->operate, given->flag, std::cout, std::cerr); });

  const auto asked = std::make_shared<Given>();
  CLI::App* const exposures =
      app.add_subcommand("exposures", "List each practitioner who was served treatment");
  exposures->add_option("flag", asked->flag, "The flag")->required();
  add_common(exposures, asked->operate.state, asked->operate.as_json);
  runs(exposures, exit_code,
       [asked] { return show_exposures(asked->operate, asked->flag, std::cout, std::cerr); });
}

void add_reload(CLI::App& app, int& exit_code) {
  const auto given = std::make_shared<Given>();
  CLI::App* const command =
      app.add_subcommand("reload", "Take the config again; a wrong one changes nothing");
  add_common(command, given->operate.state, given->operate.as_json);
  runs(command, exit_code, [given] { return reload(given->operate, std::cout, std::cerr); });
}

void add_command(CLI::App& app, int& exit_code, const char* name, const char* words) {
  const auto given = std::make_shared<Given>();
  given->command.command = name;
  CLI::App* const added = app.add_subcommand(name, words);
  added->add_option("flag", given->command.flag, "The flag")->required();
  added->add_option("--by", given->command.by, "Who answers for it; kept in the ledger")
      ->required();
  CLI::Option* const reason =
      added->add_option("--reason", given->command.reason, "Why; kept in the ledger");
  if (std::string(name) == "rearm") {
    reason->required();
    added->add_flag("--same-build", given->command.same_build, "Allow the build that was reverted");
  }
  add_common(added, given->operate.state, given->operate.as_json);
  runs(added, exit_code,
       [given] { return command(given->operate, given->command, std::cout, std::cerr); });
}

void add_rollback(CLI::App& app, int& exit_code) {
  const auto given = std::make_shared<Given>();
  RollbackOptions& options = given->rollback;
  CLI::App* const command = app.add_subcommand(
      "rollback", "Revert a flag now, whether the guard is well, hung or not running");
  CLI::Option_group* const which = command->add_option_group("which");
  which->add_option("flag", options.flag, "The flag");
  which->add_flag("--all", options.is_all, "Every flag of the last run and of the latch file");
  which->require_option(1);
  command->add_option("--reason", options.reason, "Why; kept with the latch")->required();
  command->add_option("--by", options.by, "Who answers for it (else the login name)");
  add_common(command, options.state, options.as_json);
  command->footer(
      "Needs no config. A guard that gives no answer in 2 s is killed: dead is safe, hung is not.\n"
      "Twice is no failure. Exit codes: 0 reverted and on disk; 1 a guard could not be asked or\n"
      "killed, or still serves treatment; 4 no state directory; 5 no such flag, or only root, the\n"
      "guard's user and its group may; 6 could not be written to disk.");
  runs(command, exit_code, [given] { return roll_back(given->rollback, std::cout, std::cerr); });
}

void add_explain(CLI::App& app, int& exit_code) {
  const auto given = std::make_shared<Given>();
  CLI::App* const command = app.add_subcommand(
      "explain", "The evidence behind a flag's state, recomputed from the ledger; reads only");
  command->add_option("flag", given->explain.flag, "The flag")->required();
  command->add_option("--at", given->explain.at,
                      "As of then: 2026-01-31T04:05:06Z, or milliseconds since 1970 (else now)");
  add_common(command, given->explain.state, given->explain.as_json);
  runs(command, exit_code, [given] { return explain_flag(given->explain, std::cout, std::cerr); });
}

void add_audit(CLI::App& app, int& exit_code) {
  const auto given = std::make_shared<Given>();
  CLI::App* const audit = app.add_subcommand("audit", "Check the ledger of what was decided");
  audit->require_subcommand(1);
  CLI::App* const verify =
      audit->add_subcommand("verify", "Walk the ledger's chain of hashes; reads only");
  verify->add_option("--expect", given->audit.expect,
                     "A hash noted earlier, that some entry must have");
  add_common(verify, given->audit.state, given->audit.json);
  runs(verify, exit_code, [given] { return verify_audit(given->audit, std::cout, std::cerr); });

  const auto asked = std::make_shared<Given>();
  CLI::App* const show = audit->add_subcommand("show", "Print the newest entries, oldest first");
  show->add_option("--last", asked->audit.last, "So many")->capture_default_str();
  add_common(show, asked->audit.state, asked->audit.json);
  runs(show, exit_code, [asked] { return show_audit(asked->audit, std::cout, std::cerr); });
}

}  // namespace

void add_operator_commands(CLI::App& app, int& exit_code) {
  add_status(app, exit_code);
  add_reload(app, exit_code);
  add_command(app, exit_code, "start", "Begin the rollout at its first step");
  add_command(app, exit_code, "pause", "Serve the safe variant until resume; probes go on");
  add_command(app, exit_code, "resume", "End a pause: exposed as far as evidence allows");
  add_command(app, exit_code, "finish", "After the bake at 100 %: serve without evidence");
  add_command(app, exit_code, "rearm", "Prove a reverted flag again, then begin at the first step");
  add_rollback(app, exit_code);
  add_explain(app, exit_code);
  add_audit(app, exit_code);
}

}  // namespace readback::guard
