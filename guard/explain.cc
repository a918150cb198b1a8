#include "guard/explain.h"

#include "guard/evidence/upper_bound.h"

namespace readback::guard {
namespace {

using nlohmann::json;

// A rate is believed from three times its inverse in clean probes on, at 95 %.
constexpr double kDoubt = 0.05;

json process(const BlockProcess& process) {
  return {{"blocks", process.blocks()},
          {"blocks_that_tell", process.blocks_that_tell()},
          {"log_e", process.log_e()},
          {"log_limit", process.log_limit()},
          {"is_crossed", process.crosses()}};
}

void add_streams(json& list, const char* arm, const LossStreams& streams, const LossTerms& terms) {
  for (const LossStream& stream : streams.streams())
    list.push_back({{"arm", arm},
                    {"group", to_string(stream.group())},
                    {"name", stream.name()},
                    {"share", terms.share(stream.group(), stream.index())},
                    {"probes", stream.counts().probes()},
                    {"failures", stream.counts().failures()},
                    {"log_e", stream.log_e(terms)},
                    {"log_limit", stream.log_limit()},
                    {"is_crossed", stream.crossing().has_value()}});
}

json baseline(const Harm& harm) {
  const Harm::History control = harm.control_history();
  UpperBoundParameters parameters;
  parameters.delta = kDoubt;
  const double supported = upper_bound(control.probes, control.failures, parameters);
  const double stated = harm.rule().options.baseline_loss_rate;
  return {{"stated", stated},
          {"supported", supported},
          {"probes", control.probes},
          {"failures", control.failures},
          {"is_proven", supported <= stated}};
}

json step(const Harm& harm) {
  const EvidenceOptions& options = harm.rule().options;
  json list = json::array();
  for (const auto& [pool, count] : harm.step().pools()) {
    const auto& [journey, field, read] = pool;
    list.push_back({{"journey", journey},
                    {"field", field},
                    {"path", read.path},
                    {"delay_ms", read.delay.count()},
                    {"probes", count.probes},
                    {"not_ok", count.not_ok},
                    {"bound", upper_bound(count.probes, count.not_ok, bound_parameters(options))},
                    {"max", options.max_loss_rate}});
  }
  return list;
}

}  // namespace

json explain(const Harm& harm) {
  const Ruling ruling = harm.ruling();
  json streams = json::array();
  add_streams(streams, "treatment", harm.treatment(), harm.rule().treatment);
  add_streams(streams, "control", harm.control(), harm.rule().control);
  return {{"budget", harm.budget()},
          {"options", to_json(harm.rule().options)},
          {"ruling",
           {{"finding", to_string(ruling.finding)},
            {"verdict", to_string(ruling.verdict)},
            {"blame", to_string(ruling.blame)}}},
          {"words", harm.words()},
          {"baseline", baseline(harm)},
          {"crossing", harm.crossing() ? to_json(*harm.crossing()) : json()},
          {"blame", process(harm.blame())},
          {"not_ok", process(harm.not_ok())},
          {"streams", std::move(streams)},
          {"step", step(harm)},
          {"suspicions", harm.durable()}};
}

void Explanation::take(const Entry& entry) {
  if (entry.flag != flag_ || (until_ && entry.at > *until_)) return;
  ++entries_;
  at_ = entry.at;
  if (!entry.state.is_object()) return;
  if (const auto part = entry.state.find("evidence"); part != entry.state.end()) {
    if (!harm_) harm_ = Harm::before(*part);
    harm_->fold(*part, {entry.at, entry.at});
    return;
  }
  last_ = {{"at_ms", entry.at.count()},
           {"kind", entry.kind},
           {"by", entry.by},
           {"reason", entry.reason},
           {"phase", entry.state.value("phase", "")},
           {"step", entry.state.value("step", 0U) + 1}};
}

json Explanation::json() const {
  nlohmann::json explanation = explain(harm_ ? *harm_ : Harm());
  explanation["flag"] = flag_;
  explanation["at_ms"] = at_.count();
  explanation["entries"] = entries_;
  explanation["last"] = last_;
  return explanation;
}

}  // namespace readback::guard
