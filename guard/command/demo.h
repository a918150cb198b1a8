#pragma once

#include <iosfwd>
#include <string>

#include "guard/command/exit_code.h"

// `guard demo`: the incident, or another fault of the demo's notes service, played on real parts.

namespace readback::guard {

struct DemoOptions {
  std::string fault = "lost-when-document-shared";
  bool is_from_start = false;
  std::string directory;  // of the run; empty: a new one under the temporary directory
  std::string programs;   // where notes_service and load are; empty: beside this build
  bool is_listing = false;
};

// kOk: everything that the demo claims happened. kFailed: it did not. kUsage: no such fault.
ExitCode play_demo(const DemoOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace readback::guard
