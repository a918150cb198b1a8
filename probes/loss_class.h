#pragma once

#include <array>
#include <optional>
#include <string_view>

// What a read-back found, in the order in which the rules are asked: the first that holds names it.
// The names are those of the YAML, the metrics and the ledger, and never change.

namespace readback::probes {

enum class LossClass {
  write_rejected,
  indeterminate,
  record_missing,
  null_for_empty,
  field_missing,
  equal,
  stale,
  superseded,
  emptied,
  foreign,
  newline_changed,
  edge_whitespace,
  whitespace_changed,
  unicode_normalised,
  escaped,
  unescaped,
  type_coerced,
  case_changed,
  typography_changed,
  mojibake,
  markup_rewritten,
  duplicated,
  extended,
  chars_replaced,
  chars_dropped,
  markup_stripped,
  truncated_tail,
  truncated_head,
  truncated_middle,
  fragmented,
  altered,
  unrelated,
};
inline constexpr std::size_t kLossClasses = 32;

std::string_view to_string(LossClass loss_class);
std::optional<LossClass> parse_loss_class(std::string_view name);

}  // namespace readback::probes
