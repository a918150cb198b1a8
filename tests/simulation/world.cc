#include "tests/simulation/world.h"

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

bool World::step() {
  if (ready_.empty()) {
    if (events_.empty()) return false;
    auto first = events_.extract(events_.begin());
    if (first.key().first > now_) now_ = first.key().first;
    complete(std::move(first.mapped()), {});
  }
  Ready next = std::move(ready_.front());
  ready_.pop_front();
  ++steps_;
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
    // Taken after the wrapping, which puts a handler of its own into the caller's slot.
    auto slot = asio::get_associated_cancellation_slot(*event->second.handler);
    if (slot.is_connected()) slot.assign([this, key](asio::cancellation_type) { cancel(key); });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(boost::system::error_code)>(
      std::move(keep), asio::use_awaitable);
}

void World::complete(Event event, boost::system::error_code code) {
  auto resume = [handler = std::move(*event.handler), code]() mutable { std::move(handler)(code); };
  Executor(*this, event.node).execute(std::move(resume));
}

void World::cancel(When when) {
  auto found = events_.extract(when);
  if (!found.empty()) complete(std::move(found.mapped()), asio::error::operation_aborted);
}

void World::crash(Node node) {
  forget([node](Node owner) { return owner == node; });
}

template <class Predicate>
void World::forget(Predicate doomed) {
  // Asio unwinds a dropped coroutine by posting its frame to the executor, so dropping work makes
  // work: repeat until there is none.
  for (bool found = true; found;) {
    std::vector<Ready> work;
    std::vector<Event> events;
    for (auto& ready : ready_)
      if (doomed(ready.node)) work.push_back(std::move(ready));
    std::erase_if(ready_, [](const Ready& ready) { return ready.work == nullptr; });
    for (auto next = events_.begin(); next != events_.end();) {
      const bool gone = doomed(next->second.node);
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

}  // namespace readback::simulation
