#include "configs/demo/notes_service/fault.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace demo::notes {
namespace {

struct Kind {
  std::string_view name;
  FaultKind kind;
  // Bounds and default of the argument; no argument is taken where they are equal.
  double least = 0, most = 0, by_default = 0;
};
// An hour: what comes later is not seen by anyone who waits.
constexpr double kHour = 3'600;
constexpr std::array kKinds{
    Kind{"none", FaultKind::none},
    Kind{"lost-when-document-shared", FaultKind::lost_when_document_shared},
    Kind{"acknowledged-not-stored", FaultKind::acknowledged_not_stored},
    Kind{"truncate", FaultKind::truncate, 0, 1e6, 60},
    Kind{"strip-4-byte-utf8", FaultKind::strip_4_byte_utf8},
    Kind{"html-escape", FaultKind::html_escape},
    Kind{"swap-fields", FaultKind::swap_fields},
    Kind{"cross-patient", FaultKind::cross_patient},
    Kind{"trim", FaultKind::trim},
    Kind{"stale-cache", FaultKind::stale_cache, 0, kHour, 2},
    Kind{"erase-after", FaultKind::erase_after, 0, kHour, 5},
    Kind{"lose-fraction", FaultKind::lose_fraction, 0, 1, 0.1},
    Kind{"hang", FaultKind::hang},
    Kind{"error-500", FaultKind::error_500},
    Kind{"slow", FaultKind::slow, 0, kHour, 10},
};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Fault> parse_fault(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const auto kind =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& one) { return one.name == name; });
  if (kind == kKinds.end()) return std::nullopt;
  if (colon == std::string_view::npos) return Fault{kind->kind, kind->by_default};
  const auto argument = number(text.substr(colon + 1));
  if (!argument || kind->least == kind->most) return std::nullopt;
  if (!(kind->least <= *argument && *argument <= kind->most)) return std::nullopt;
  return Fault{kind->kind, *argument};
}

// The fault that stands after the name of an arm.
std::optional<Fault> fault_of_arm(std::string_view text, std::string_view arm) {
  if (text == arm) return Fault{FaultKind::acknowledged_not_stored};
  return parse_fault(text.substr(arm.size() + 1));
}

bool names(std::string_view text, std::string_view arm) {
  return text.substr(0, text.find(':')) == arm;
}

}  // namespace

std::optional<Faults> parse_faults(std::string_view text) {
  static constexpr std::string_view kBoth = "both-arms";
  static constexpr std::string_view kControl = "control-only";
  Faults faults{.name = std::string(text)};
  if (names(text, kBoth) || names(text, kControl)) {
    const auto fault = fault_of_arm(text, names(text, kBoth) ? kBoth : kControl);
    if (!fault) return std::nullopt;
    faults.old_editor = *fault;
    if (names(text, kBoth)) faults.new_editor = *fault;
    return faults;
  }
  const auto fault = parse_fault(text);
  if (!fault) return std::nullopt;
  faults.new_editor = *fault;
  return faults;
}

}  // namespace demo::notes
