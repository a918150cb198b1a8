#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "guard/command/exit_code.h"

// `guard corpus`: what is written by probes, and which public bugs each class of it stands for.

namespace readback::guard {

// `guard corpus list`: a class a line; with --json a list of {"payload_class", "what", "policy",
// "carried_by_text_field", "has_nonce", "is_default", "may_be_refused", "bugs"}.
ExitCode list_corpus(bool as_json, std::ostream& out);

struct CorpusOptions {
  std::string payload_class;
  std::uint64_t seed = 0;
  std::string field = "note";
  bool as_json = false;  // as in the list, with "seed", "field", "text"
  bool is_raw = false;   // the text alone, as its bytes, to hand to another program
};

// `guard corpus show CLASS`: the class, and the text that `seed` and `field` make of it, as a JSON
// string in ASCII, so that a terminal is not told what to do by it. kUsage: there is no such class.
// kFailed with is_raw: no text field can carry it.
ExitCode show_corpus(const CorpusOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace readback::guard
