#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "probes/loss_class.h"

// What one read-back of one field found. Probes know no time and no flag state: when its write
// began, and what is made of it, the guard says.

namespace readback::probes {

enum class Arm { treatment, control };

// As in Jepsen. ok: the text came back. fail: it was acknowledged and is not there, confirmed.
// info: not known; never evidence of health and never of loss.
enum class Outcome { ok, fail, info };

// What suspicion and repeats are about: a failure on any path, at any delay, is the same trouble.
struct Cell {
  std::string journey;
  std::string field;
  std::string payload_class;
  friend auto operator<=>(const Cell&, const Cell&) = default;
};

// One of the reads that a write must pass.
struct ReadPoint {
  std::string path;
  std::chrono::milliseconds delay{};
  friend auto operator<=>(const ReadPoint&, const ReadPoint&) = default;
};

struct Observation {
  std::uint64_t block = 0;  // one treatment and m controls, started together
  unsigned member = 0;      // which of the block's members, 0-based, in the order drawn
  Arm arm = Arm::control;
  Cell cell;
  ReadPoint read;
  Outcome outcome = Outcome::info;
  LossClass loss_class = LossClass::indeterminate;  // equal for a plain ok
  // The arm was not what it should be (a late or missing evaluation, another path taken), so this
  // proves nothing; the outcome is info.
  bool is_void = false;
};

std::string_view to_string(Arm arm);
std::string_view to_string(Outcome outcome);

}  // namespace readback::probes
