#pragma once

#include <string_view>

#include "probes/loss_class.h"

// How bad a class is where the field tolerates nothing.

namespace readback::probes {

enum class Impact {
  refused,
  not_evidence,
  none,
  cosmetic,
  damaged,
  lost,  // something written is gone, or means something else
};

Impact impact_of(LossClass loss_class);

std::string_view to_string(Impact impact);

}  // namespace readback::probes
