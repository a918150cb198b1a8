#pragma once

#include <string_view>

#include "guard/evidence/options.h"
#include "guard/verdict.h"

// Two questions, two tests: is anything lost, and is it the flag? This is the one table that makes
// a verdict and a blame of what they say. It is in the README, too; a test goes through its rows.

namespace readback::guard {

// What the tests say of one flag.
struct Seen {
  bool is_lost = false;          // treatment crossed its own test
  bool is_flag = false;          // the blocks say that the arms are not alike
  bool is_control_lost = false;  // control crossed its own test
  bool awaits_controls = false;  // some block of a failure has controls that may still speak
  bool is_suspect = false;       // treatment failed in a cell that isn't cleared to serve
  bool is_control_ill = false;   // control failed in a cell that isn't cleared
  bool is_not_ok = false;        // treatment's reads are answered worse than control's
};

enum class Finding {
  none,
  not_ok,    // not answered as control is; perhaps a loss that hides as time-outs
  suspect,   // lost, and perhaps by chance
  platform,  // lost in both arms
  lost,      // lost beyond chance; why is not known yet
  flag,      // lost, and not with the flag off
};
std::string_view to_string(Finding finding);

enum class Blame { nobody, not_yet_known, flag, platform, safe_variant };
std::string_view to_string(Blame blame);

struct Ruling {
  Finding finding = Finding::none;
  Verdict verdict = Verdict::advance;  // advance: nothing is in its way
  Blame blame = Blame::nobody;
  friend bool operator==(const Ruling&, const Ruling&) = default;
};

Ruling rule_on(const Seen& seen, EvidenceOptions::OnPlatformLoss on_platform_loss);

}  // namespace readback::guard
