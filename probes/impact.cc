#include "probes/impact.h"

#include <array>

namespace readback::probes {

Impact impact_of(LossClass loss_class) {
  switch (loss_class) {
    case LossClass::write_rejected:
      return Impact::refused;
    case LossClass::indeterminate:
      return Impact::not_evidence;
    case LossClass::null_for_empty:
    case LossClass::equal:
      return Impact::none;
    case LossClass::newline_changed:
    case LossClass::edge_whitespace:
    case LossClass::unicode_normalised:
      return Impact::cosmetic;
    case LossClass::whitespace_changed:
    case LossClass::escaped:
    case LossClass::unescaped:
    case LossClass::case_changed:
    case LossClass::typography_changed:
    case LossClass::mojibake:
    case LossClass::markup_rewritten:
    case LossClass::duplicated:
    case LossClass::extended:
      return Impact::damaged;
    case LossClass::record_missing:
    case LossClass::field_missing:
    case LossClass::stale:
    case LossClass::superseded:
    case LossClass::emptied:
    case LossClass::foreign:
    case LossClass::type_coerced:
    case LossClass::chars_replaced:
    case LossClass::chars_dropped:
    case LossClass::markup_stripped:
    case LossClass::truncated_tail:
    case LossClass::truncated_head:
    case LossClass::truncated_middle:
    case LossClass::fragmented:
    case LossClass::altered:
    case LossClass::unrelated:
      break;
  }
  return Impact::lost;
}

std::string_view to_string(Impact impact) {
  static constexpr std::array<std::string_view, 6> kImpacts{"refused",  "not_evidence", "none",
                                                            "cosmetic", "damaged",      "lost"};
  return kImpacts[static_cast<std::size_t>(impact)];
}

}  // namespace readback::probes
