#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <cassert>
#include <cstddef>
#include <deque>
#include <utility>

#include "guard/parking.h"

// A bounded queue with many writers and one reader, all on one executor.
//
// Why not Asio's channel: in 1.26 it is experimental and loses a message whose receive is
// cancelled in flight. Here a message leaves the queue only when the reader really runs.

namespace readback::guard {

template <class T>
class Mailbox {
 public:
  // Lives no longer than the executor's context.
  Mailbox(const boost::asio::any_io_executor& executor, std::size_t capacity)
      : parking_(Parking::of(executor)), ticket_(parking_.issue()), capacity_(capacity) {
    assert(capacity > 0);
  }
  ~Mailbox() { parking_.turn_away(ticket_); }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Puts `message` last and returns at once; false, and nothing is kept, if the queue is full.
  [[nodiscard]] bool send(T message) {
    if (messages_.size() == capacity_) return false;
    messages_.push_back(std::move(message));
    parking_.wake(ticket_);
    return true;
  }

  // The first message, waiting for it if there is none. One reader at a time. Throws
  // system_error(operation_aborted) when cancelled, and takes no message then.
  boost::asio::awaitable<T> receive() {
    for (;;) {
      // Cancelled before it waits, by a reader that goes on for a while, or between being woken and
      // running: no signal comes again, and the message stays for the next reader.
      const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
      if (cancellation.cancelled() != boost::asio::cancellation_type::none)
        throw boost::system::system_error(boost::asio::error::operation_aborted);
      if (!messages_.empty()) break;
      co_await parking_.wait(ticket_);
    }
    T message = std::move(messages_.front());
    messages_.pop_front();
    co_return message;
  }

  // Drops what isn't received yet.
  void clear() { messages_.clear(); }

  std::size_t size() const { return messages_.size(); }
  bool is_full() const { return messages_.size() == capacity_; }

 private:
  Parking& parking_;
  Parking::Ticket ticket_;
  std::size_t capacity_;
  std::deque<T> messages_;
};

}  // namespace readback::guard
