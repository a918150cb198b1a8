#pragma once

#include <cstddef>
#include <exception>
#include <list>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

// Owns the coroutines of a program, so that it ends by asking each of them to end and running its
// context until nothing is left. Single-threaded.

namespace demo {

class Coroutines {
 public:
  explicit Coroutines(boost::asio::any_io_executor executor);

  // Starts `coroutine`; after cancel() it is dropped instead. The first that fails, other than by
  // cancellation, cancels all, and its failure is what rethrow() throws.
  void start(boost::asio::awaitable<void> coroutine);

  // Asks all to end, and returns at once.
  void cancel();

  std::size_t size() const { return running_.size(); }
  void rethrow() const;

 private:
  void end(std::list<boost::asio::cancellation_signal>::iterator entry,
           const std::exception_ptr& why);

  boost::asio::any_io_executor executor_;
  std::list<boost::asio::cancellation_signal> running_;
  std::exception_ptr failure_;
  bool is_cancelled_ = false;
};

}  // namespace demo
