#pragma once

#include <iosfwd>
#include <string>

#include "guard/command/exit_code.h"

// `guard replay --parameters FILE < outcomes.jsonl`: one of the processes that decide, over any
// given sequence of outcomes, so that anybody can check it against a reference of his own.
//
// FILE is YAML, or JSON if its name ends in .json: `process` and any of its parameters
// (configs/schema/replay.schema.json). Outcomes are JSON objects, one a line; blank lines are
// skipped. By process:
//   mixture, windows, stream   {"outcome": "ok" | "fail" | "info", "times": 1, "size": 1,
//                              "failed": size}, or {"step": true}; stream is both halves together.
//                              A batch of `size` that may fail together is one line. Info is
//                              nothing at all.
//   streams                    {"batch": [{"outcome", "journey", "field", "payload_class", "path",
//                              "delay": "0 s"}, ...], "times": 1}, or {"step": true}
//   block                      {"treatment": "fail", "controls": ["ok", "fail", "info"]}
//   upper_bound                {"outcome": ..., "times": 1}; info counts as a failure
//   practitioner               {"treated": true, "blank": false}
//   counts                     {"treated": 900, "treated_blank": 2, "controls": 9,
//   "controls_blank":
//                              0}, or treated_exposure and controls_exposure
//
// Prints JSON lines: first {"parameters": {...}}, all that are in force and what follows from them
// (windows, log_limit, bound), then for each outcome {"line": N, "log_e": natural logarithm, null
// for that of zero, ..., "decision": "none" | "revert" | "flag" | "advance"}.

namespace readback::guard {

struct ReplayOptions {
  std::string parameters;
};

// kConfigInvalid: every fault of the parameters is printed. kFailed: a line that is no outcome of
// the process, told with its number; what comes after it would be of another sequence.
ExitCode replay(const ReplayOptions& options, std::istream& in, std::ostream& out,
                std::ostream& errors);

}  // namespace readback::guard
