#include "guard/probe_once.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "guard/settling.h"
#include "guard/tasks.h"
#include "probes/cleanup.h"

namespace readback::guard {
namespace asio = boost::asio;
using probes::Outcome;

bool ProbeReport::Arm::is_ok() const {
  return state == probes::Walk::State::acknowledged && !why_void && !readings.empty() &&
         removal_problems.empty() &&
         std::all_of(readings.begin(), readings.end(),
                     [](const Reading& reading) { return reading.outcome == Outcome::ok; });
}

ProbeOnce::ProbeOnce(Clock& clock, Entropy& entropy, probes::Transport& transport,
                     Publisher& publisher, const Witness& witness, const probes::Plan& plan,
                     const ProbedFlag* flag)
    : clock_(clock),
      entropy_(entropy),
      transport_(transport),
      publisher_(publisher),
      witness_(witness),
      plan_(plan),
      flag_(flag) {}

asio::awaitable<ProbeReport> ProbeOnce::run() {
  ProbeReport report;
  for (const probes::Journey& journey : plan_.journeys) {
    for (const probes::Arm arm : {probes::Arm::treatment, probes::Arm::control}) {
      if (flag_ == nullptr && arm == probes::Arm::treatment) continue;
      ProbeReport::Arm played = co_await play(journey, arm);
      report.arms.push_back(std::move(played));
    }
  }
  co_return report;
}

asio::awaitable<ProbeReport::Arm> ProbeOnce::play(const probes::Journey& journey, probes::Arm arm) {
  const auto& practitioner = plan_.practitioners[turn_ % plan_.practitioners.size()];
  const auto& classes = plan_.payload_classes;
  probes::Casting casting{0,
                          0,
                          arm,
                          journey.name,
                          practitioner.id,
                          practitioner.patients.front(),
                          classes[turn_ % classes.size()],
                          entropy_.draw()};
  ++turn_;
  ProbeReport::Arm report;
  report.journey = journey.name;
  report.arm = flag_ == nullptr ? "code default" : std::string(to_string(arm));
  report.practitioner = practitioner.id;
  probes::Walk walk(plan_, casting);
  if (flag_ != nullptr) {
    const bool is_treatment = arm == probes::Arm::treatment;
    flags::Pin pin{is_treatment ? flag_->treatment : flag_->safe, plan_.round_deadline};
    publisher_.pin(flag_->key, practitioner.id, std::move(pin));
  }
  co_await this->walk(walk, report);
  if (flag_ != nullptr) publisher_.unpin(flag_->key, practitioner.id);
  std::vector<probes::ReadBack> read_backs = walk.read_backs();
  std::erase_if(read_backs, [&](const auto& each) { return each.read.delay > plan_.lease_within; });
  co_await read_all(std::move(read_backs), report);
  co_await remove(walk.record(), report);
  co_return report;
}

asio::awaitable<void> ProbeOnce::walk(probes::Walk& walk, ProbeReport::Arm& report) {
  for (auto exchange = walk.next(); exchange; exchange = walk.next()) {
    const bool is_write = walk.is_write();
    const TimePoint begun = clock_.now();
    const probes::Reply reply = co_await transport_.exchange(exchange->request, exchange->limits);
    const TimePoint ended = clock_.now();
    walk.answered(reply);
    report.steps.push_back({walk.steps().back(), ended - begun});
    if (!is_write || flag_ == nullptr || report.why_void) continue;
    const bool is_treatment = walk.casting().arm == probes::Arm::treatment;
    report.why_void = witness_
                          .judge(flag_->key, walk.casting().practitioner,
                                 is_treatment ? flag_->treatment : flag_->safe, begun, ended,
                                 flag_->answer_within)
                          .why_void();
  }
  // A step that could not be sent at all is told, too.
  if (walk.steps().size() > report.steps.size()) report.steps.push_back({walk.steps().back(), {}});
  report.state = walk.state();
  if (flag_ != nullptr && !report.why_void && !walk.took_its_path())
    report.why_void = VoidReason::other_path;
}

// Side by side, as the daemon reads: a path that is waited for must not use up another's time.
asio::awaitable<void> ProbeOnce::read_all(std::vector<probes::ReadBack> read_backs,
                                          ProbeReport::Arm& report) {
  const TimePoint acknowledged = clock_.now();
  const auto executor = co_await asio::this_coro::executor;
  std::vector<std::vector<ProbeReport::Reading>> found(read_backs.size());
  Tasks reads(executor);
  for (std::size_t i = 0; i < read_backs.size(); ++i)
    reads.start(read(std::move(read_backs[i]), acknowledged, found[i]));
  co_await reads.join();
  for (const auto& readings : found)
    report.readings.insert(report.readings.end(), readings.begin(), readings.end());
}

asio::awaitable<void> ProbeOnce::read(probes::ReadBack read_back, TimePoint acknowledged,
                                      std::vector<ProbeReport::Reading>& found) {
  const TimePoint due = acknowledged + plan_.settle + read_back.read.delay;
  // Nobody waits longer for a path that does not answer.
  const TimePoint patience =
      due + read_back.deadline + 2 * plan_.confirm.within + plan_.target.time_out;
  Settling settling(plan_, read_back, due);
  std::map<std::string, std::string> explanations;
  unsigned reads = 0;
  while (!settling.is_over()) {
    co_await clock_.sleep_until(settling.next());
    std::vector<Settling::Settled> settled;
    const auto exchange = probes::request(plan_, read_back);
    const TimePoint begun = clock_.now();
    if (exchange.has_value() && begun < patience) {
      const probes::Reply reply = co_await transport_.exchange(exchange->request, exchange->limits);
      const auto readings = probes::judge(plan_, read_back, reply);
      for (const auto& reading : readings) explanations[reading.field] = reading.explanation;
      settled = settling.take(readings, begun, clock_.now());
      ++reads;
    } else {
      settled = settling.give_up();
    }
    for (const auto& each : settled)
      found.push_back({read_back.read.path, read_back.read.delay, each.field, each.outcome,
                       each.loss_class, explanations[each.field], reads,
                       clock_.now() - acknowledged});
  }
}

asio::awaitable<void> ProbeOnce::remove(probes::Record record, ProbeReport::Arm& report) {
  for (const probes::Removal& removal : probes::removals(plan_, record)) {
    const auto exchange = probes::request(plan_, removal);
    if (exchange.has_error()) {
      report.removal_problems.push_back(exchange.error().what);
      continue;
    }
    const probes::Reply reply = co_await transport_.exchange(exchange->request, exchange->limits);
    const auto checked = probes::check(plan_, removal, reply);
    if (checked.has_error()) report.removal_problems.push_back(checked.error().what);
  }
}

}  // namespace readback::guard
