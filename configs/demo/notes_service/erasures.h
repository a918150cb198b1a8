#pragma once

#include <chrono>
#include <cstdint>
#include <map>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "configs/demo/notes_service/counters.h"
#include "configs/demo/notes_service/note.h"
#include "configs/demo/notes_service/store.h"

// Texts that a fault takes away some time after they were stored.

namespace demo::notes {

class Erasures {
 public:
  Erasures(const boost::asio::any_io_executor& executor, Store& store, Counters& counters);

  void add(std::chrono::steady_clock::time_point due, const Edit& edit, Path path,
           std::int64_t revision);
  // Erases what is due, until cancelled.
  boost::asio::awaitable<void> run();

 private:
  struct Erasure {
    Edit edit;
    Path path;
    std::int64_t revision;
  };
  void erase(const Erasure& erasure);

  Store& store_;
  Counters& counters_;
  boost::asio::steady_timer timer_;
  std::multimap<std::chrono::steady_clock::time_point, Erasure> due_;
};

}  // namespace demo::notes
