#include "guard/orphan_probe.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace readback::guard {
namespace asio = boost::asio;
using probes::Casting;
using probes::Journey;
using probes::Walk;
using Orphan = ProbeCounts::Orphan;

namespace {

// A code default changes with a deploy: now and then is often enough.
constexpr int kRoundsApart = 10;

bool tells_its_path(const Journey& journey) {
  return std::any_of(journey.steps.begin(), journey.steps.end(),
                     [](const probes::Step& step) { return step.path_taken.has_value(); });
}

}  // namespace

OrphanProbe::OrphanProbe(asio::any_io_executor executor, Subject subject,
                         const Surroundings& around)
    : subject_(std::move(subject)),
      around_(around),
      tasks_(executor),
      follower_(std::move(executor), tasks_, subject_, around_, [] {}) {
  assert(subject_.plan.orphan.has_value());
}

asio::awaitable<void> OrphanProbe::run() {
  for (;;) {
    co_await probe();
    co_await around_.clock.sleep_for(subject_.plan.interval * kRoundsApart);
  }
}

asio::awaitable<void> OrphanProbe::probe() {
  const probes::Plan& plan = subject_.plan;
  const Journey& journey = plan.journeys[turn_++ % plan.journeys.size()];
  Casting casting;
  casting.block = around_.entropy.draw();
  casting.journey = journey.name;
  casting.practitioner = plan.orphan->id;
  casting.patient = plan.orphan->patients.front();
  casting.payload_class = plan.payload_classes.front();
  casting.seed = around_.entropy.draw();
  Walk walk(plan, std::move(casting));
  const TimePoint from = around_.clock.now();
  for (auto exchange = walk.next(); exchange; exchange = walk.next()) {
    const probes::Reply reply =
        co_await around_.transport.exchange(exchange->request, exchange->limits);
    walk.answered(reply);
  }
  const Orphan found = judge(walk, from);
  ++around_.counts.orphans[{subject_.flag, found}];
  around_.counts.last_orphan[subject_.flag] = found;
  co_await follower_.discard(walk.record());
}

Orphan OrphanProbe::judge(const Walk& walk, TimePoint from) const {
  const std::string& who = subject_.plan.orphan->id;
  const Testimony seen = around_.witness.judge(subject_.flag, who, kNoVariant, from,
                                               around_.clock.now(), subject_.answer_within);
  const bool is_told = tells_its_path(*subject_.plan.journey(walk.casting().journey));
  // Who did not ask, or did not write, shows nothing of what he does without an answer.
  if (seen.evaluations == 0 || !walk.has_written() || !is_told) return Orphan::unknown;
  return walk.took_its_path() ? Orphan::as_control : Orphan::not_as_control;
}

}  // namespace readback::guard
