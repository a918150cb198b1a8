#include <CLI/CLI.hpp>

#include "guard/command/commands.h"

namespace readback::guard {

void add_config_commands(CLI::App&, int&) {}

}  // namespace readback::guard
