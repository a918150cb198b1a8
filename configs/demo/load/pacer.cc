#include "configs/demo/load/pacer.h"

#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace demo::load {
namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

Pacer::Pacer(const asio::any_io_executor& executor, Options options, const Visits& visits,
             Player& player, Coroutines& coroutines, Tally& tally)
    : options_(options),
      visits_(visits),
      player_(player),
      coroutines_(coroutines),
      tally_(tally),
      timer_(executor) {}

asio::awaitable<void> Pacer::run() {
  const auto begun = Clock::now();
  double saves = 0;
  boost::system::error_code error;
  while (!is_ending_) {
    Visit visit = visits_.next();
    const std::chrono::duration<double> due(saves / options_.saves_per_second);
    timer_.expires_at(begun + std::chrono::duration_cast<Clock::duration>(due));
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (is_ending_) break;
    saves += static_cast<double>(visit.saves.size());
    begin(std::move(visit));
  }
  line_.clear();
  while (in_flight_ > 0) {
    timer_.expires_at(Clock::time_point::max());
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
}

void Pacer::end() {
  is_ending_ = true;
  player_.end();
  timer_.cancel();
}

void Pacer::begin(Visit visit) {
  if (in_flight_ < options_.in_flight) {
    ++in_flight_;
    coroutines_.start(play_in_turn(std::move(visit)));
  } else if (line_.size() < options_.in_line) {
    line_.push_back(std::move(visit));
  } else {
    ++tally_.skipped_visits;
  }
}

asio::awaitable<void> Pacer::play_in_turn(Visit visit) {
  for (;;) {
    co_await player_.play(std::move(visit));
    if (line_.empty() || is_ending_) break;
    visit = std::move(line_.front());
    line_.pop_front();
    ++tally_.late_visits;
  }
  --in_flight_;
  if (is_ending_) timer_.cancel();
}

}  // namespace demo::load
