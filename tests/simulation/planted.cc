#include "tests/simulation/planted.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>
#include <variant>

#include "flags/evaluate.h"
#include "tests/simulation/notes_configuration.h"

namespace readback::simulation {
namespace asio = boost::asio;
using guard::Commanded;
using guard::Decision;
using guard::Event;
using guard::Observed;
using guard::Phase;
using guard::State;
using nlohmann::json;
using probes::Outcome;
using namespace std::chrono_literals;

namespace {

// Twice the stamps' grain, so that rounding down cannot hide it.
constexpr Duration kAhead = 10s;
// After a read's delay and the 1 s that it may take.
constexpr Duration kPatience = 4s;

using Step = std::function<guard::Core::Step>;

Event with_other_evidence(const Event& event, Plant plant) {
  Event changed = event;
  auto* const observed = std::get_if<Observed>(&changed.happening);
  if (observed == nullptr) return changed;
  probes::Observation& observation = observed->observation;
  if (plant == Plant::stamped_from_reply) observed->write_began = event.now;
  if (plant == Plant::info_is_ok && observation.outcome == Outcome::info && !observation.is_void)
    observation.outcome = Outcome::ok;
  if (plant == Plant::void_is_ok && observation.is_void) {
    observation.is_void = false;
    observation.outcome = Outcome::ok;
  }
  return changed;
}

Decision acknowledging_early(const Step& step, State& state, const Event& event) {
  Decision decision = step(state, event);
  const bool is_command = std::holds_alternative<Commanded>(event.happening);
  if (is_command && decision.write && decision.write->latch && decision.write->answer)
    decision.answer = std::exchange(decision.write->answer, std::nullopt);
  return decision;
}

Decision overtaking(const Step& step, State& state, const Event& event) {
  const std::uint64_t era = state.era;
  Decision decision = step(state, event);
  const auto* const written = std::get_if<guard::Written>(&event.happening);
  if (written == nullptr || written->write.widening.era == era) return decision;
  if (written->write.widening.kind != guard::Widening::Kind::advance) return decision;
  state.phase = Phase::rolling;
  ++state.step;
  state.latch.is_latched = false;
  state.is_latch_durable = true;
  decision.serve = judge(state, event.now).exposure;
  return decision;
}

void give_up_reads(const Step& step, PlantMemory& memory, State& state, const Event& event) {
  for (auto next = memory.blocks.begin(); next != memory.blocks.end();) {
    const guard::BlockOpened& opened = next->second;
    const Duration age = event.now.boot - opened.began.boot;
    for (const guard::Stream& stream : state.terms.streams) {
      if (stream.journey != opened.journey) continue;
      for (const probes::ReadPoint& read : stream.reads) {
        if (age < read.delay + kPatience) continue;
        for (unsigned member = 0; member < opened.members; ++member) {
          if (!memory.told.emplace(opened.block, member, stream.field, read).second) continue;
          probes::Observation observation;
          observation.block = opened.block;
          observation.member = member;
          observation.arm =
              member == opened.treatment ? probes::Arm::treatment : probes::Arm::control;
          observation.cell = {stream.journey, stream.field, opened.payload_class};
          observation.read = read;
          step(state, {event.now, Observed{observation, opened.began}});
        }
      }
    }
    next = age > 60s ? memory.blocks.erase(next) : std::next(next);
  }
}

Decision without_patience(const Step& step, PlantMemory& memory, State& state, const Event& event) {
  if (const auto* const opened = std::get_if<guard::BlockOpened>(&event.happening))
    memory.blocks[opened->block] = *opened;
  give_up_reads(step, memory, state, event);
  if (const auto* const observed = std::get_if<Observed>(&event.happening)) {
    const probes::Observation& seen = observed->observation;
    const bool is_new =
        memory.told.emplace(seen.block, seen.member, seen.cell.field, seen.read).second;
    if (!is_new) return step(state, {event.now, guard::Ticked{}});
  }
  return step(state, event);
}

Decision noting_its_step(const Step& step, PlantMemory& memory, State& state, const Event& event) {
  Decision decision = step(state, event);
  memory.step_began = state.step_began.wall;
  return decision;
}

State restored_with_bug(Plant plant, const PlantMemory& memory, State state, flags::Moment now) {
  if (plant == Plant::latch_dropped && state.phase == Phase::latched) {
    state.phase = Phase::rolling;
    state.latch.is_latched = false;
    state.is_latch_durable = true;
  }
  if (plant == Plant::steps_caught_up && state.phase == Phase::rolling) {
    const auto& steps = state.terms.rollout.steps;
    const auto overdue = (now.wall - memory.step_began) / steps[state.step].minimum_time;
    for (auto i = overdue; i > 0 && state.step + 1 < steps.size(); --i) ++state.step;
  }
  return state;
}

}  // namespace

guard::Core with_bug(Plant plant, PlantMemory& memory, guard::Core core) {
  guard::Core planted;
  planted.restore = [plant, &memory, restore = core.restore](
                        guard::Terms terms, const guard::Latch& latch,
                        const guard::History& history, flags::Moment now) {
    return restored_with_bug(plant, memory, restore(std::move(terms), latch, history, now), now);
  };
  planted.step = [plant, &memory, step = core.step](State& state, const Event& event) {
    switch (plant) {
      case Plant::stamped_from_reply:
      case Plant::info_is_ok:
      case Plant::void_is_ok:
        return step(state, with_other_evidence(event, plant));
      case Plant::acknowledged_too_early:
        return acknowledging_early(step, state, event);
      case Plant::revert_overtaken:
        return overtaking(step, state, event);
      case Plant::pending_is_info:
        return without_patience(step, memory, state, event);
      case Plant::steps_caught_up:
        return noting_its_step(step, memory, state, event);
      default:
        return step(state, event);
    }
  };
  return planted;
}

namespace {

// Serves as if it were `now`, whatever the clock says.
void serve_as_of(const guard::Guard& guard, const std::string& practitioner, flags::Moment now,
                 guard::server::Response& response) {
  flags::Context context;
  context.targeting_key = practitioner;
  const auto snapshot = guard.publisher().current();
  const auto evaluation = flags::evaluate(*snapshot, kFlag, context, now);
  if (!evaluation || !evaluation->is_exposed || response.status != 200) return;
  json body = json::parse(response.body);
  body["variant"] = evaluation->variant->name;
  body["value"] = evaluation->variant->value;
  body["metadata"]["leaseUntilMs"] = evaluation->lease_until->count();
  response.body = body.dump();
}

asio::awaitable<guard::server::Response> serve_with_bug(Plant plant, const guard::Guard& guard,
                                                        const guard::Clock& clock,
                                                        guard::server::Handler handler,
                                                        guard::server::Request request) {
  const json asked = json::parse(request.body);
  const auto practitioner = asked["context"]["targetingKey"].get<std::string>();
  guard::server::Response response = co_await handler(std::move(request));
  flags::Moment now;
  if (plant == Plant::lease_ends_late) {
    now = clock.moment();
    now.boot -= 1ns;
    now.wall -= 1ms;
  }
  serve_as_of(guard, practitioner, now, response);
  co_return response;
}

}  // namespace

guard::server::Handler with_bug(Plant plant, const guard::Guard& guard, const guard::Clock& clock,
                                guard::server::Handler handler) {
  if (plant != Plant::lease_not_checked && plant != Plant::lease_ends_late) return handler;
  return [plant, &guard, &clock, handler](guard::server::Request request) {
    return serve_with_bug(plant, guard, clock, handler, std::move(request));
  };
}

asio::awaitable<guard::Result<guard::Loaded>> PlantedStore::load(guard::EntryVisitor each) {
  guard::Result<guard::Loaded> loaded = co_await inner_.load(std::move(each));
  if (plant_ == Plant::reads_forgotten && loaded.has_value()) loaded->pending.clear();
  co_return loaded;
}

PlantedStore::Void PlantedStore::append(std::vector<guard::Entry> entries) {
  if (plant_ != Plant::answered_before_written) {
    co_return co_await inner_.append(std::move(entries));
  }
  auto on_end = [](std::exception_ptr thrown, guard::Result<void>) { rethrow(thrown); };
  asio::co_spawn(executor_, inner_.append(std::move(entries)), std::move(on_end));
  co_return guard::Result<void>();
}

TimePoint PlantedClock::now() const {
  if (plant_ == Plant::wall_clock_only) return TimePoint(inner_.wall() - SimulatedClock::kEpoch);
  return plant_ == Plant::clock_ahead ? inner_.now() + kAhead : inner_.now();
}

WallTime PlantedClock::wall() const {
  const bool is_ahead = plant_ == Plant::clock_ahead;
  return inner_.wall() + (is_ahead ? std::chrono::duration_cast<WallTime>(kAhead) : WallTime());
}

asio::awaitable<void> PlantedClock::sleep_until(TimePoint when) {
  return inner_.sleep_until(inner_.now() + (when - now()));
}

asio::awaitable<probes::Reply> PlantedTransport::exchange(probes::Request request,
                                                          probes::Limits limits) {
  if (plant_ != Plant::reads_echo_writes) {
    co_return co_await inner_.exchange(std::move(request), limits);
  }
  const bool is_read = request.method == "GET";
  if (request.method == "PUT") keep(request);
  probes::Reply reply = co_await inner_.exchange(std::move(request), limits);
  if (is_read && reply.has_value()) reply->body = show(reply->body);
  co_return reply;
}

void PlantedTransport::keep(const probes::Request& request) {
  const auto begin = request.url.find("visit-");
  const auto end = request.url.find('/', begin);
  saved_[request.url.substr(begin, end - begin)] = json::parse(request.body);
}

std::string PlantedTransport::show(const std::string& body) const {
  auto shown = json::parse(body);
  if (shown.contains("id")) echo(shown);
  if (shown.contains("visits"))
    for (auto& visit : shown["visits"]) echo(visit);
  return shown.dump();
}

void PlantedTransport::echo(json& visit) const {
  const auto found = saved_.find(visit["id"].get<std::string>());
  if (found != saved_.end()) visit.update(found->second);
}

}  // namespace readback::simulation
