#include "guard/server/flag_metrics.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace readback::guard::server {

namespace {

using Mode = flags::Exposure::Mode;

// One flag at the moment of the scrape.
struct Seen {
  const FlagView& view;
  const State& state;
  Judgement judgement;
  flags::Moment now;
};

double seconds(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

bool is_latched(const State& state) {
  return state.phase == Phase::latched || state.phase == Phase::proving;
}

bool is_evidence_held(const Seen& seen) {
  const auto began = seen.state.progress.evidence_began(seen.state.terms);
  if (!began) return false;
  return flags::Lease{*began, seen.state.terms.rollout.max_evidence_age}.holds(seen.now);
}

double evidence_time(const Seen& seen) {
  const auto began = seen.state.progress.evidence_began(seen.state.terms);
  return began ? seconds(began->wall) : 0;
}

double lease_end(const Seen& seen) {
  const flags::Exposure& exposure = seen.judgement.exposure;
  return exposure.mode == Mode::leased ? seconds(exposure.lease.stamp()) : 0;
}

double share(const Seen& seen) {
  const flags::Exposure& exposure = seen.judgement.exposure;
  return exposure.mode == Mode::safe ? 0 : exposure.share.ppm / 1e6;
}

// What pauses it by itself, whatever else does, too.
bool is_paused_by(const Seen& seen, std::string_view cause) {
  const State& state = seen.state;
  if (cause == "operator") return state.pause.has_value();
  if (cause == "health")
    return !state.is_latch_durable || (!state.is_store_well && state.phase != Phase::finished);
  if (state.phase == Phase::finished) return false;
  if (cause == "suspicion") return state.harm.finding() == Finding::suspect;
  if (cause == "platform") return state.harm.finding() == Finding::platform;
  if (cause == "not_ok") return state.harm.finding() == Finding::not_ok;
  return !is_evidence_held(seen);
}

double worst_part(const Harm& harm) {
  double worst = 0;
  for (const LossStream& stream : harm.treatment().streams())
    worst = std::max(worst, stream.log_e(harm.rule().treatment) / stream.log_limit());
  return worst;
}

struct Gauge {
  const char* name;
  const char* help;
  double (*value)(const Seen& seen);
};
constexpr Gauge kGauges[] = {
    {"readback_step", "Step of the rollout, from 1.",
     [](const Seen& seen) { return seen.state.step + 1.0; }},
    {"readback_steps", "Steps that the rollout has.",
     [](const Seen& seen) { return static_cast<double>(seen.state.terms.rollout.steps.size()); }},
    {"readback_latched", "1 while the flag is reverted, proof of a re-arm included.",
     [](const Seen& seen) { return is_latched(seen.state) ? 1.0 : 0.0; }},
    {"readback_latch_readable", "0 if the latch's slot is damaged, so that it counts as set.",
     [](const Seen& seen) { return seen.state.latch.is_readable ? 1.0 : 0.0; }},
    {"readback_latch_durable", "0 while a revert is served whose latch could not be written.",
     [](const Seen& seen) { return seen.state.is_latch_durable ? 1.0 : 0.0; }},
    {"readback_evidence_held", "1 while the evidence is young enough for treatment.",
     [](const Seen& seen) { return is_evidence_held(seen) ? 1.0 : 0.0; }},
    {"readback_evidence_timestamp_seconds",
     "Start of the oldest required proof: the last good evidence. 0: there is none.",
     evidence_time},
    {"readback_max_evidence_age_seconds", "How old evidence may be for treatment to be served.",
     [](const Seen& seen) { return seconds(seen.state.terms.rollout.max_evidence_age); }},
    {"readback_proven_until_timestamp_seconds",
     "Up to when what treatment wrote is proven by its longest re-read. 0: nothing is.",
     [](const Seen& seen) {
       return seen.view.proven_until ? seconds(*seen.view.proven_until) : 0;
     }},
    {"readback_lease_end_timestamp_seconds",
     "Until when treatment may be held, as answers say now. 0: none is served by a lease.",
     lease_end},
    {"readback_held_until_timestamp_seconds",
     "Latest moment at which a client can still hold treatment that was ever served.",
     [](const Seen& seen) { return seconds(seen.state.held_until); }},
    {"readback_exposed_share_ratio", "Share of real practitioners that is served treatment now.",
     share},
    {"readback_exposed_practitioners", "Practitioners who were ever served treatment.",
     [](const Seen& seen) { return static_cast<double>(seen.view.exposed); }},
    {"readback_exposure_record_full", "1 if nobody new is exposed, since the record is full.",
     [](const Seen& seen) { return seen.view.is_exposure_record_full ? 1.0 : 0.0; }},
    {"readback_suspect_cells", "Cells in which treatment lost a text and that aren't cleared.",
     [](const Seen& seen) { return static_cast<double>(seen.state.harm.suspects().size()); }},
    {"readback_watched_cells", "Suspect cells that are served again and not cleared yet.",
     [](const Seen& seen) { return static_cast<double>(seen.state.harm.watched().size()); }},
    {"readback_loss_evidence_log_ratio",
     "Of the worst stream of treatment: log e-value over the one that reverts; 1 crosses.",
     [](const Seen& seen) { return worst_part(seen.state.harm); }},
    {"readback_blame_evidence_log_ratio",
     "Of the blocks: log e-value against arms that are alike over the one that blames the flag.",
     [](const Seen& seen) {
       return seen.state.harm.blame().log_e() / seen.state.harm.blame().log_limit();
     }},
    {"readback_evidence_budget", "Which budget of evidence it is; a re-arm begins a new one.",
     [](const Seen& seen) { return static_cast<double>(seen.state.harm.budget()); }},
    {"readback_ill_control_cells", "Cells in which only control lost a text: reverting is unsafe.",
     [](const Seen& seen) { return static_cast<double>(seen.state.harm.ill_controls().size()); }},
};

// A gauge that is 1 for the one of its values that holds.
template <class Value, std::size_t count>
void add_states(MetricPage& page, const std::vector<Seen>& flags, const char* label,
                const std::array<Value, count>& values, Value (*now)(const Seen& seen)) {
  for (const Seen& seen : flags)
    for (const Value value : values)
      page.sample({{"flag", seen.state.terms.flag}, {label, std::string(to_string(value))}},
                  value == now(seen) ? 1 : 0);
}

void add_states(MetricPage& page, const std::vector<Seen>& flags) {
  page.gauge("readback_phase", "1 for the phase that the rollout is in.");
  add_states(
      page, flags, "phase",
      std::array{Phase::waiting, Phase::rolling, Phase::finished, Phase::latched, Phase::proving},
      +[](const Seen& seen) { return seen.state.phase; });
  page.gauge("readback_verdict", "1 for the verdict that holds.");
  add_states(
      page, flags, "verdict",
      std::array{Verdict::advance, Verdict::hold, Verdict::pause, Verdict::revert},
      +[](const Seen& seen) { return seen.judgement.verdict; });
  page.gauge("readback_finding", "1 for what the losses seen amount to.");
  add_states(
      page, flags, "finding",
      std::array{Finding::none, Finding::not_ok, Finding::suspect, Finding::platform, Finding::lost,
                 Finding::flag},
      +[](const Seen& seen) { return seen.state.harm.finding(); });
  page.gauge("readback_paused", "1 for each cause that withdraws the lease without a latch.");
  for (const Seen& seen : flags)
    for (const char* cause : {"operator", "suspicion", "platform", "not_ok", "evidence", "health"})
      page.sample({{"flag", seen.state.terms.flag}, {"by", cause}},
                  is_paused_by(seen, cause) ? 1 : 0);
}

void add_reverts(const Measured& measured, MetricPage& page) {
  page.counter("readback_reverts_total", "Reverts since the start, by cause.");
  for (const FlagView& view : measured.flags)
    for (const char* cause : {"loss", "operator"})
      page.sample(
          {{"flag", view.guarded.flag.key}, {"cause", cause}},
          static_cast<double>(std::count_if(
              measured.reverts.begin(), measured.reverts.end(), [&](const RevertRecord& revert) {
                return revert.flag == view.guarded.flag.key && revert.cause == cause;
              })));
  page.summary("readback_time_to_revert_seconds",
               "From the start of the first write that was seen to fail to the revert.");
  for (const FlagView& view : measured.flags) {
    MetricPage::Distribution delays;
    for (const RevertRecord& revert : measured.reverts) {
      if (revert.flag != view.guarded.flag.key || !revert.after_first_failure) continue;
      ++delays.count;
      delays.sum += std::chrono::duration<double>(*revert.after_first_failure).count();
    }
    page.sample({{"flag", view.guarded.flag.key}}, delays);
  }
}

}  // namespace

void add_flag_metrics(const Measured& measured, MetricPage& page) {
  std::vector<Seen> flags;
  for (const FlagView& view : measured.flags)
    flags.push_back({view, view.state, judge(view.state, measured.now), measured.now});
  for (const Gauge& gauge : kGauges) {
    page.gauge(gauge.name, gauge.help);
    for (const Seen& seen : flags)
      page.sample({{"flag", seen.state.terms.flag}}, gauge.value(seen));
  }
  add_states(page, flags);
  add_reverts(measured, page);
  page.counter("readback_evaluations_total", "Evaluations answered with a value.");
  for (const FlagView& view : measured.flags)
    for (const flags::Variant& variant : view.guarded.flag.variants) {
      const auto& counts = measured.evaluations.by_variant;
      const auto found = counts.find({view.guarded.flag.key, variant.name});
      page.sample({{"flag", view.guarded.flag.key}, {"variant", variant.name}},
                  found == counts.end() ? 0 : static_cast<double>(found->second));
    }
}

}  // namespace readback::guard::server
