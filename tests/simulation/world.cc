#include "tests/simulation/world.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/error.hpp>

#include "guard/parking.h"

namespace readback::simulation {
using guard::Clock;
using guard::Duration;
using guard::TimePoint;
using guard::WallTime;
namespace asio = boost::asio;

void rethrow(std::exception_ptr thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

Duration World::some_time(Duration longest) {
  const auto bound = static_cast<std::uint64_t>(longest.count());
  return Duration(static_cast<std::int64_t>(random_() % (bound + 1)));
}

bool World::step() {
  if (ready_.empty()) {
    if (events_.empty()) return false;
    auto first = events_.extract(events_.begin());
    waits_.erase(first.key().second);
    if (first.key().first > now_) now_ = first.key().first;
    complete(std::move(first.mapped()), {});
  }
  Ready next = std::move(ready_.front());
  ready_.pop_front();
  if (!frozen_.empty() && frozen_.contains(next.node)) {
    held_.push_back(std::move(next));
    return true;
  }
  ++steps_;
  fold(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  fold(static_cast<std::uint64_t>(next.node));
  running_ = true;
  next.work->run();
  running_ = false;
  return true;
}

asio::awaitable<void> World::wait_until(TimePoint when) {
  auto keep = [this, when](auto handler) {
    const When key{when, next_number_++};
    const auto executor = asio::get_associated_executor(handler);
    const Executor* own = executor.template target<Executor>();
    const Node node = own != nullptr ? own->node() : -1;
    const auto event = events_.emplace(key, Event{node, std::move(handler)}).first;
    const std::uint64_t number = key.second;
    waits_[number] = when;
    // Taken after the wrapping, which puts a handler of its own into the caller's slot.
    auto slot = asio::get_associated_cancellation_slot(*event->second.handler);
    if (slot.is_connected())
      slot.assign([this, number](asio::cancellation_type) { cancel(number); });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(boost::system::error_code)>(
      std::move(keep), asio::use_awaitable);
}

void World::take_time(Node node, Lane& lane, std::unique_ptr<Work> work) {
  lane.busy_until = std::max(lane.busy_until, now_) + some_time(lane.longest);
  Event event{node};
  event.work = std::move(work);
  waits_[next_number_] = lane.busy_until;
  events_.emplace(When{lane.busy_until, next_number_++}, std::move(event));
}

void World::complete(Event event, boost::system::error_code code) {
  if (event.work != nullptr) {
    ready_.push_back({event.node, std::move(event.work)});
    return;
  }
  auto resume = [handler = std::move(*event.handler), code]() mutable { std::move(handler)(code); };
  Executor(*this, event.node).execute(std::move(resume));
}

void World::cancel(std::uint64_t number) {
  const auto wait = waits_.find(number);
  if (wait == waits_.end()) return;
  auto found = events_.extract({wait->second, number});
  waits_.erase(wait);
  complete(std::move(found.mapped()), asio::error::operation_aborted);
}

void World::thaw(Node node) {
  frozen_.erase(node);
  std::deque<Ready> still_held;
  for (Ready& each : held_) (each.node == node ? ready_ : still_held).push_back(std::move(each));
  held_ = std::move(still_held);
}

template <class Reschedule>
void World::reschedule(Node node, Reschedule when) {
  std::vector<decltype(events_)::node_type> moved;
  for (auto next = events_.begin(); next != events_.end();) {
    const auto current = next++;
    if (current->second.node == node) moved.push_back(events_.extract(current));
  }
  for (auto& event : moved) {
    event.key().first = when(event.key().first);
    waits_[event.key().second] = event.key().first;
    events_.insert(std::move(event));
  }
}

void World::postpone(Node node, Duration time) {
  reschedule(node, [time](TimePoint due) { return due + time; });
}

void World::set_pace(Node node, Lane& lane, Duration longest) {
  lane.longest = longest;
  lane.busy_until = now_;
  reschedule(node, [&](TimePoint) { return lane.busy_until += some_time(longest); });
}

void World::crash(Node node) {
  frozen_.erase(node);
  forget([node](Node owner) { return owner == node; });
}

template <class Predicate>
void World::forget(Predicate doomed) {
  // Asio unwinds a dropped coroutine by posting its frame to the executor, so dropping work makes
  // work: repeat until there is none.
  for (bool found = true; found;) {
    std::vector<Ready> work;
    std::vector<Event> events;
    for (auto* queue : {&ready_, &held_}) {
      for (auto& ready : *queue)
        if (doomed(ready.node)) work.push_back(std::move(ready));
      std::erase_if(*queue, [](const Ready& ready) { return ready.work == nullptr; });
    }
    for (auto next = events_.begin(); next != events_.end();) {
      const bool gone = doomed(next->second.node);
      if (gone) waits_.erase(next->first.second);
      if (gone) events.push_back(std::move(next->second));
      next = gone ? events_.erase(next) : std::next(next);
    }
    const auto is_doomed = [&](const asio::any_io_executor& executor) {
      const Executor* own = executor.target<Executor>();
      return doomed(own != nullptr ? own->node() : -1);
    };
    const bool parked = asio::has_service<guard::Parking>(*this) &&
                        asio::use_service<guard::Parking>(*this).drop(is_doomed);
    found = parked || !work.empty() || !events.empty();
  }
}

World::~World() {
  forget([](Node) { return true; });
  shutdown();
  destroy();
}

asio::awaitable<void> SimulatedClock::sleep_until(TimePoint when) {
  // As the system's clock: what fires early by this clock waits once more.
  co_await world_.wait_until(when + lag_);
  while (now() < when) co_await world_.wait_until(when + lag_);
}

void SimulatedClock::set_wall_error(WallTime error) {
  error_ = error;
  worst_error_ = std::max(worst_error_, error);
  is_ever_set_ = true;
}

void SimulatedClock::fall_behind(Duration time) {
  lag_ += time;
  error_ -= std::chrono::floor<WallTime>(time);
}

}  // namespace readback::simulation
