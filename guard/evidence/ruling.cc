#include "guard/evidence/ruling.h"

namespace readback::guard {

std::string_view to_string(Finding finding) {
  constexpr std::string_view kNames[] = {"none", "not_ok", "suspect", "platform", "lost", "flag"};
  return kNames[static_cast<std::size_t>(finding)];
}

std::string_view to_string(Blame blame) {
  constexpr std::string_view kNames[] = {"nobody", "not yet known", "the flag", "the platform",
                                         "the safe variant"};
  return kNames[static_cast<std::size_t>(blame)];
}

Ruling rule_on(const Seen& seen, EvidenceOptions::OnPlatformLoss on_platform_loss) {
  using OnPlatformLoss = EvidenceOptions::OnPlatformLoss;
  const bool reverts_platform = on_platform_loss == OnPlatformLoss::revert;
  if (seen.is_lost) {
    if (seen.is_flag) return {Finding::flag, Verdict::revert, Blame::flag};
    // Nobody is exposed meanwhile: a failure withdrew the lease.
    if (seen.awaits_controls) return {Finding::suspect, Verdict::pause, Blame::not_yet_known};
    if (seen.is_control_lost)
      return {Finding::platform, reverts_platform ? Verdict::revert : Verdict::pause,
              Blame::platform};
    return {Finding::lost, Verdict::revert, Blame::not_yet_known};
  }
  if (seen.is_suspect) {
    if (seen.is_flag) return {Finding::suspect, Verdict::pause, Blame::flag};
    if (seen.is_control_lost) return {Finding::platform, Verdict::pause, Blame::platform};
    return {Finding::suspect, Verdict::pause, Blame::not_yet_known};
  }
  if (seen.is_not_ok) return {Finding::not_ok, Verdict::pause, Blame::nobody};
  if (seen.is_control_ill || seen.is_control_lost)
    return {Finding::none, Verdict::hold, Blame::safe_variant};
  return {};
}

}  // namespace readback::guard
