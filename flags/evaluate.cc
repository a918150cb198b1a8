#include "flags/evaluate.h"

#include <algorithm>

namespace readback::flags {
namespace {

// The attribute that names a practitioner's practice, for rollouts by practice.
constexpr const char* kPractice = "practice";

bool is_eligible(const Eligibility& who, const Context& context) {
  return std::all_of(who.attributes.begin(), who.attributes.end(), [&](const auto& wanted) {
    const auto sent = context.attributes.find(wanted.first);
    return sent != context.attributes.end() && wanted.second.contains(sent->second);
  });
}

// Why `context` belongs to the part that the exposure lets in; nothing if it does not.
std::optional<Reason> admitted(const Flag& flag, const Exposure& exposure, const Context& context) {
  const Rollout& rollout = *flag.rollout;
  if (context.targeting_key.empty() || exposure.share == kNobody) return std::nullopt;
  if (rollout.who.practitioners.contains(context.targeting_key)) return Reason::targeting_match;
  if (!is_eligible(rollout.who, context)) return std::nullopt;
  const std::string_view bucketed = member(rollout, context);
  if (bucketed.empty() || !is_in(flag.key, bucketed, exposure.share)) return std::nullopt;
  return Reason::split;
}

// The stamp of a treatment answer at `now`; nothing if none may be given.
std::optional<std::chrono::milliseconds> stamp_of(const Flag& flag, const Exposure& exposure,
                                                  Moment now) {
  switch (exposure.mode) {
    case Exposure::Mode::safe:
      return std::nullopt;
    case Exposure::Mode::leased:
      if (!exposure.lease.holds(now)) return std::nullopt;
      return exposure.lease.stamp();
    case Exposure::Mode::finished:
      return round_stamp(now.wall + flag.rollout->max_evidence_age);
  }
  return std::nullopt;
}

bool is_synthetic(const Definitions& definitions, const std::string& flag, const std::string& who) {
  const auto listed = definitions.synthetic.find(flag);
  return listed != definitions.synthetic.end() && listed->second.contains(who);
}

bool is_synthetic_anywhere(const Definitions& definitions, const std::string& who) {
  return std::any_of(definitions.synthetic.begin(), definitions.synthetic.end(),
                     [&](const auto& listed) { return listed.second.contains(who); });
}

const Pin* find_pin(const Snapshot& snapshot, const std::string& flag, const std::string& who) {
  const auto pins = snapshot.pins.find(flag);
  if (pins == snapshot.pins.end()) return nullptr;
  const auto pin = pins->second.find(who);
  return pin == pins->second.end() ? nullptr : &pin->second;
}

Evaluation evaluate_synthetic(const Snapshot& snapshot, const Flag& flag, const std::string& who,
                              Moment now) {
  Evaluation evaluation = serve_safe(flag);
  evaluation.is_synthetic = true;
  const Pin* const pin = find_pin(snapshot, flag.key, who);
  if (pin == nullptr) return evaluation;
  const Variant* const variant = flag.find(pin->variant);
  if (variant == nullptr) return evaluation;
  evaluation.variant = variant;
  evaluation.reason = Reason::targeting_match;
  if (variant->name != flag.safe) evaluation.lease_until = now.wall + pin->round_deadline;
  return evaluation;
}

}  // namespace

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::static_value:
      return "STATIC";
    case Reason::standard:
      return "DEFAULT";
    case Reason::targeting_match:
      return "TARGETING_MATCH";
    case Reason::split:
      return "SPLIT";
  }
  return "UNKNOWN";
}

std::string_view member(const Rollout& rollout, const Context& context) {
  if (rollout.by == Unit::practitioner) return context.targeting_key;
  const auto practice = context.attributes.find(kPractice);
  return practice == context.attributes.end() ? std::string_view() : practice->second;
}

Evaluation serve_safe(const Flag& flag) {
  return {.flag = &flag, .variant = &flag.variant(flag.safe), .reason = Reason::standard};
}

std::optional<Evaluation> evaluate(const Snapshot& snapshot, std::string_view key,
                                   const Context& context, Moment now) {
  if (snapshot.definitions == nullptr) return std::nullopt;
  const Definitions& definitions = *snapshot.definitions;
  const auto found = definitions.flags.find(key);
  if (found == definitions.flags.end()) return std::nullopt;
  const Flag& flag = found->second;

  Evaluation evaluation = serve_safe(flag);
  if (!flag.rollout.has_value()) {
    evaluation.reason = Reason::static_value;
    return evaluation;
  }
  const std::string& who = context.targeting_key;
  if (is_synthetic(definitions, flag.key, who)) {
    return evaluate_synthetic(snapshot, flag, who, now);
  }
  const auto exposure = snapshot.exposures.find(key);
  if (exposure == snapshot.exposures.end()) return evaluation;
  const std::optional<Reason> reason = admitted(flag, exposure->second, context);
  if (!reason.has_value()) return evaluation;
  const auto stamp = stamp_of(flag, exposure->second, now);
  if (!stamp.has_value()) return evaluation;

  evaluation.variant = &flag.variant(flag.treatment);
  evaluation.reason = *reason;
  evaluation.lease_until = stamp;
  evaluation.is_exposed = !is_synthetic_anywhere(definitions, who);
  evaluation.step = exposure->second.step;
  return evaluation;
}

}  // namespace readback::flags
