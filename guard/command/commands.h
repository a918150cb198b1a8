#pragma once

// The table of subcommands. Each of these functions adds a group of them to `app`; when one was
// given, it runs while the arguments are parsed and leaves its ExitCode in `exit_code`. A
// subcommand itself is a plain function of plain options in guard/command/NAME.h, so that CLI11
// is read by main.cc and the groups' files only.

namespace CLI {
class App;
}

namespace readback::guard {

void add_config_commands(CLI::App& app, int& exit_code);    // validate, simulate
void add_daemon_commands(CLI::App& app, int& exit_code);    // run
void add_demo_commands(CLI::App& app, int& exit_code);      // demo
void add_evidence_commands(CLI::App& app, int& exit_code);  // replay
void add_flags_commands(CLI::App& app, int& exit_code);     // flags evaluate
void add_probe_commands(CLI::App& app, int& exit_code);     // probe, classify, corpus
// status, exposures, reload, start, pause, resume, finish, rearm, rollback, explain,
// audit verify
void add_operator_commands(CLI::App& app, int& exit_code);

}  // namespace readback::guard
