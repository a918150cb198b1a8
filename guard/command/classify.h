#pragma once

#include <cstddef>
#include <iosfwd>

#include "guard/command/exit_code.h"

// `guard classify`: what became of texts, a JSON object a line in (probes/reading.h), one a line
// out:
//
//   {"line": 1, "class": "truncated_tail", "impact": "lost",
//    "span": {"written": {"offset": 255, "length": 45, "code_points": ["U+000A <control-000A>"]},
//             "read": {"offset": 255, "length": 0, "code_points": []}},
//    "explanation": "only the first 255 code points are there; ..."}
//
// offset and length in code points, from 0; code_points are at most three, by name (classify.h).

namespace readback::guard {

inline constexpr std::size_t kClassifiedLine = std::size_t{8} << 20;  // bytes

struct ClassifyOptions {
  bool shows_text = false;  // each span's "text", too: nothing else ever repeats a text
};

// Answers each line before it reads the next. Blank lines are passed over; a bad one (no JSON, not
// those members, over kClassifiedLine) is told by its number on `errors`, and the rest goes on.
//
// kOk: every line was answered. kFailed: some was bad, or `out` took no more.
ExitCode classify_lines(const ClassifyOptions& options, std::istream& in, std::ostream& out,
                        std::ostream& errors);

}  // namespace readback::guard
