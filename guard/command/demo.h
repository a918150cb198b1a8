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
  bool as_json = false;
};

// kOk: everything that the demo claims happened. kFailed: it did not. kUsage: no such fault.
//
// With as_json one object is all of `out`, and the play goes to `errors`: {"ok", "fault",
// "directory", "claims": [{"holds", "words"}], "status": as of guard/status.h, one flag's}; of a
// listing, [{"fault", "story"}].
ExitCode play_demo(const DemoOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace readback::guard
