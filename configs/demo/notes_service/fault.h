#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The bugs that a deploy may bring, by name. All but two are the new editor's.

namespace demo::notes {

enum class FaultKind {
  none,
  lost_when_document_shared,  // acknowledged, not stored, where the visit has a shared document
  acknowledged_not_stored,
  truncate,           // argument: code points that stay of each field
  strip_4_byte_utf8,  // characters beyond U+FFFF are left out
  html_escape,        // & < > " ' are stored as entities
  swap_fields,        // motive and interview, report and conclusion change places
  cross_patient,      // stores the text that was last written for another patient
  trim,               // blanks, tabs and line ends are cut at both ends
  stale_cache,        // argument: seconds for which reads serve what stood before the write
  erase_after,        // argument: seconds after which the text is gone again
  lose_fraction,      // argument: the share, 0 to 1, of saves that store nothing
  hang,               // never answers, stores nothing
  error_500,          // answers 500, stores nothing
  slow,               // argument: seconds after which it answers; stores at once
};

struct Fault {
  FaultKind kind = FaultKind::none;
  double argument = 0;
};

// What each editor suffers from.
struct Faults {
  std::string name = "none";
  Fault old_editor{};
  Fault new_editor{};
};

// Reads NAME or NAME:ARGUMENT, NAME being one of the kinds above with hyphens, or
//   both-arms[:FAULT]      both editors have the fault, by default acknowledged-not-stored
//   control-only[:FAULT]   only the old editor has it
// An argument may be left out where a default is sensible (truncate:60, stale-cache:2,
// erase-after:5, lose-fraction:0.1, slow:10). Nothing for any other text.
std::optional<Faults> parse_faults(std::string_view text);

// The fault that is on, and since when.
struct FaultSwitch {
  Faults faults;
  std::int64_t since_ms = 0;  // Unix time
};

}  // namespace demo::notes
