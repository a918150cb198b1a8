#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "flags/bucketing.h"
#include "flags/flag.h"
#include "flags/lease.h"

// What evaluation looks at: immutable, swapped whole. Definitions are swapped rarely, exposures at
// each renewal, pins at each round, so the first stand behind a pointer.

namespace readback::flags {

struct Definitions {
  std::map<std::string, Flag, std::less<>> flags;
  // The synthetic practitioners of each flag's plan. They are matched before anything else.
  std::map<std::string, std::set<std::string>, std::less<>> synthetic;
  // One of each flag's, if its plan has one: whose evaluations are to fail, so that it shows what
  // the application does then.
  std::map<std::string, std::string, std::less<>> orphans;
};

// What one flag's real practitioners may get.
struct Exposure {
  enum class Mode {
    safe,      // the safe variant, whoever asks
    leased,    // treatment for `share`, while `lease` holds
    finished,  // treatment for `share` without evidence, stamped from now (see evaluate.h)
  };
  Mode mode = Mode::safe;
  Share share;
  Lease lease;
  unsigned step = 0;  // 0-based, for the exposure record
};

// Whether somebody who gets treatment by `before` may get none by `after`. A lease that is renewed,
// or shorter, is no reason: its stamp has been told.
constexpr bool is_narrower(const Exposure& before, const Exposure& after) {
  if (before.mode == Exposure::Mode::safe) return false;
  return after.mode == Exposure::Mode::safe || after.share < before.share;
}

// The arm of one synthetic practitioner while his round runs.
struct Pin {
  std::string variant;
  std::chrono::milliseconds round_deadline{};  // how long a round may last; the stamp is now + this
};

struct Snapshot {
  std::shared_ptr<const Definitions> definitions;
  std::map<std::string, Exposure, std::less<>> exposures;               // by flag
  std::map<std::string, std::map<std::string, Pin>, std::less<>> pins;  // by flag, practitioner
};

}  // namespace readback::flags
