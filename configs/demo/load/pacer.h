#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "configs/demo/coroutines.h"
#include "configs/demo/load/player.h"

// Begins visits when they are due, whether or not those before have ended: people do not wait for
// each other (an open loop). At most so many are in flight; further ones wait in line, so late
// that it is counted, and beyond the line's length they are skipped and counted.

namespace demo::load {

class Pacer {
 public:
  struct Options {
    double saves_per_second = 50;
    std::size_t in_flight = 64;
    std::size_t in_line = 4'096;
  };
  Pacer(const boost::asio::any_io_executor& executor, Options options, const Visits& visits,
        Player& player, Coroutines& coroutines, Tally& tally);

  // Until end() is called and the visits in flight have ended.
  boost::asio::awaitable<void> run();
  void end();

  std::size_t in_flight() const { return in_flight_; }

 private:
  boost::asio::awaitable<void> play_in_turn(Visit visit);
  void begin(Visit visit);

  Options options_;
  Visits visits_;
  Player& player_;
  Coroutines& coroutines_;
  Tally& tally_;
  boost::asio::steady_timer timer_;
  std::deque<Visit> line_;
  std::size_t in_flight_ = 0;
  bool is_ending_ = false;
};

}  // namespace demo::load
