#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "guard/command/commands.h"
#include "guard/command/exit_code.h"

int main(int argument_count, char** arguments) {
  using namespace readback::guard;
  CLI::App app("Readback guards feature roll-outs against silent loss of what users write.",
               "guard");
  app.set_version_flag("--version", "guard " READBACK_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 done, 1 failed or a claim did not hold, 2 usage, 3 config invalid,\n"
      "4 daemon not reachable, 5 refused, 6 could not be made durable.");
  int exit_code = kOk;
  try {
    add_config_commands(app, exit_code);
    add_daemon_commands(app, exit_code);
    add_demo_commands(app, exit_code);
    add_evidence_commands(app, exit_code);
    add_flags_commands(app, exit_code);
    add_operator_commands(app, exit_code);
    add_probe_commands(app, exit_code);
    app.parse(argument_count, arguments);
    return exit_code;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  } catch (const std::exception& bug) {
    std::cerr << "guard: unexpected: " << bug.what() << "\n";
    return kFailed;
  }
}
