#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>

#include "guard/command/exit_code.h"

// `guard flags evaluate`: what a file of flagd's definitions answers (flags/flagd/flag_set.h), a
// JSON object a line in:
//
//   {"flagKey": "notes-editor-v2", "type": "boolean", "default": false,
//    "context": {"targetingKey": "dr-martin", "region": "north"}, "timestamp": 1764028800}
//
// and one a line out, as OFREP would answer:
//
//   {"line": 1, "key": "notes-editor-v2", "value": true, "variant": "on",
//    "reason": "TARGETING_MATCH", "metadata": {}}
//
// `type` (boolean, string, number, object), `default`, `context` and `timestamp` (whole seconds
// since 1970 for $flagd.timestamp; else now) may be left out. Where the flag has no value, `value`
// is the default, or is left out without one; an error adds "errorCode" and "errorDetails".

namespace readback::guard {

inline constexpr std::size_t kDefinitionsBytes = std::size_t{256} << 20;
inline constexpr std::size_t kQuestionBytes = std::size_t{1} << 20;  // of a line

struct FlagsEvaluateOptions {
  std::string definitions;  // a file: JSON; or YAML if its name ends in .yaml or .yml
};

// Answers each line before it reads the next. Blank lines are passed over; a bad one is told by its
// number on `errors`, and the rest goes on. So is a flag whose targeting can't be compiled.
//
// kOk: every line was answered. kFailed: some was bad, or `out` took no more. kConfigInvalid: the
// definitions could not be read; then nothing was answered.
ExitCode flags_evaluate(const FlagsEvaluateOptions& options, std::istream& in, std::ostream& out,
                        std::ostream& errors);

}  // namespace readback::guard
