#include "tests/simulation/clients.h"

#include <boost/asio/co_spawn.hpp>
#include <utility>

namespace readback::simulation {
namespace asio = boost::asio;

Client::Client(World& world, const SimulatedClock& guard_clock, std::string practitioner,
               const ClientKind& kind, WallTime error, AskGuard ask, Use use)
    : world_(world),
      guard_clock_(guard_clock),
      practitioner_(std::move(practitioner)),
      kind_(kind),
      error_(error),
      ask_(std::move(ask)),
      use_(std::move(use)) {}

asio::awaitable<void> Client::live() {
  TimePoint next_poll = world_.now() + world_.some_time(std::chrono::seconds(3));
  for (;;) {
    co_await world_.wait_until(next_use());
    if (kind_.poll == Duration()) {
      co_await ask_and_use();
      continue;
    }
    if (world_.now() >= next_poll) {
      // Nobody waits for the poll before: its late answer may overwrite a newer one.
      next_poll = world_.now() + kind_.poll;
      asio::co_spawn(world_.executor(kPeopleNode), fetch(), rethrow);
    }
    use(held_);
  }
}

TimePoint Client::next_use() {
  // Sometimes at the very instant at which the last stamp ends by the guard's clock.
  const WallTime to_stamp = last_stamp_ - guard_clock_.error() - SimulatedClock::kEpoch;
  const TimePoint stamp{std::chrono::nanoseconds(to_stamp)};
  const TimePoint some =
      world_.now() + std::chrono::milliseconds(300) + world_.some_time(std::chrono::seconds(3));
  const bool is_near = stamp > world_.now() && stamp < some;
  return is_near ? stamp : some;
}

asio::awaitable<void> Client::ask_and_use() {
  AskedFor asked{practitioner_, false, "", kind_.time_out};
  const Answered answered = co_await ask_(std::move(asked));
  if (answered.is_treatment) last_stamp_ = answered.until;
  use(answered);
}

asio::awaitable<void> Client::fetch() {
  AskedFor asked{practitioner_, true, held_.entity_tag, kind_.time_out};
  const Answered answered = co_await ask_(std::move(asked));
  if (answered.status != 200) co_return;
  held_ = answered;
  if (answered.is_treatment) last_stamp_ = answered.until;
}

void Client::use(const Answered& held) {
  if (!held.is_treatment) return;
  if (kind_.has_hook && wall() >= held.until) return;
  use_(*this, held.until);
}

}  // namespace readback::simulation
