#include "tests/simulation/network.h"

#include <boost/asio/co_spawn.hpp>
#include <utility>

namespace readback::simulation {
namespace asio = boost::asio;
using probes::Reply;
using probes::Request;

std::optional<Duration> travel(World& world, const Way& way) {
  if (way.is_cut || world.chance() < way.lost) return std::nullopt;
  return way.shortest + world.some_time(way.longest - way.shortest);
}

asio::awaitable<Reply> Network::exchange(Request request, probes::Limits limits) {
  Sent sent{world_.now(), callers_clock_.moment()};
  application_.note_sent(request, sent);
  // The question is the caller's; what is on its way outlives his process.
  guard::Question<Reply> question(callers_);
  const auto reply = std::make_shared<guard::Answer<Reply>>(question.answer());
  asio::co_spawn(world_.executor(kNetworkNode), give_up(reply, limits.time_out), rethrow);
  if (world_.chance() < link.there.doubled) {
    const auto nobody = std::make_shared<guard::Answer<Reply>>(
        guard::Question<Reply>(world_.executor(kNetworkNode)).answer());
    asio::co_spawn(world_.executor(kNetworkNode), carry(request, sent, nobody), rethrow);
  }
  asio::co_spawn(world_.executor(kNetworkNode), carry(std::move(request), sent, reply), rethrow);
  const std::optional<Reply> first = co_await question.wait();
  co_return first.value_or(Reply(probes::Silence::cut_off));
}

asio::awaitable<void> Network::carry(Request request, Sent sent, FirstReply reply) {
  const std::optional<Duration> there = travel(world_, link.there);
  if (!there) co_return;
  co_await world_.wait_until(world_.now() + *there);
  const Reply answered = co_await application_.answer(std::move(request), sent);
  const bool is_silent = answered.has_error() && answered.error() == probes::Silence::timed_out;
  const std::optional<Duration> back = travel(world_, link.back);
  // A server that hangs keeps the connection open.
  if (!back || is_silent) co_return;
  co_await world_.wait_until(world_.now() + *back);
  reply->give(answered);
}

asio::awaitable<void> Network::give_up(FirstReply reply, Duration patience) {
  co_await world_.wait_until(world_.now() + patience);
  reply->give(probes::Silence::timed_out);
}

}  // namespace readback::simulation
