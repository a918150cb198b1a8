#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

// Where a coroutine waits that only another coroutine can wake. The waiting handler is kept by the
// execution context, as a timer's is, and by nothing that the waiting frame could own: so a
// context that ends frees every frame. Single-threaded, as its context.

namespace readback::guard {

class Parking final : public boost::asio::execution_context::service {
 public:
  // Names one wait, never another one.
  using Ticket = std::uint64_t;

  static inline boost::asio::execution_context::id id;
  static Parking& of(const boost::asio::any_io_executor& executor);

  explicit Parking(boost::asio::execution_context& context) : service(context) {}

  Ticket issue() { return ++last_; }

  // Waits until wake(ticket). Throws system_error(operation_aborted) when the calling coroutine is
  // cancelled, or at turn_away(ticket). At most one waits with a ticket.
  boost::asio::awaitable<void> wait(Ticket ticket);

  // Resumes who waits with this ticket, through its executor. No effect if nobody does.
  void wake(Ticket ticket) { resume(ticket, {}); }

  // The same, for who has nothing left to wait for.
  void turn_away(Ticket ticket) { resume(ticket, boost::asio::error::operation_aborted); }

  // Drops the waits whose executor satisfies `is_doomed`, unresumed: a simulated crash.
  // True if there were any.
  bool drop(const std::function<bool(const boost::asio::any_io_executor&)>& is_doomed);

 private:
  using Handler = boost::asio::any_completion_handler<void(boost::system::error_code)>;

  struct Waiting {
    boost::asio::any_io_executor executor;
    Handler handler;
  };

  void shutdown() override;
  void resume(Ticket ticket, boost::system::error_code code);

  Ticket last_ = 0;
  std::map<Ticket, Waiting> waiting_;
};

}  // namespace readback::guard
