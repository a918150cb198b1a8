#include "probes/loss_class.h"

#include <algorithm>

namespace readback::probes {
namespace {

constexpr std::array<std::string_view, kLossClasses> kNames{
    "write_rejected",
    "indeterminate",
    "record_missing",
    "null_for_empty",
    "field_missing",
    "equal",
    "stale",
    "superseded",
    "emptied",
    "foreign",
    "newline_changed",
    "edge_whitespace",
    "whitespace_changed",
    "unicode_normalised",
    "escaped",
    "unescaped",
    "type_coerced",
    "case_changed",
    "typography_changed",
    "mojibake",
    "markup_rewritten",
    "duplicated",
    "extended",
    "chars_replaced",
    "chars_dropped",
    "markup_stripped",
    "truncated_tail",
    "truncated_head",
    "truncated_middle",
    "fragmented",
    "altered",
    "unrelated",
};
static_assert(static_cast<std::size_t>(LossClass::unrelated) + 1 == kLossClasses);

}  // namespace

std::string_view to_string(LossClass loss_class) {
  return kNames[static_cast<std::size_t>(loss_class)];
}

std::optional<LossClass> parse_loss_class(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<LossClass>(found - kNames.begin());
}

}  // namespace readback::probes
