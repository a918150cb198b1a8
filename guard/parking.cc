#include "guard/parking.h"

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cassert>
#include <utility>

namespace readback::guard {
namespace asio = boost::asio;

Parking& Parking::of(const asio::any_io_executor& executor) {
  return asio::use_service<Parking>(executor.context());
}

asio::awaitable<void> Parking::wait(Ticket ticket) {
  auto keep = [this, ticket](auto handler) {
    asio::any_io_executor executor = asio::get_associated_executor(handler);
    Waiting waiting{std::move(executor), Handler(std::move(handler))};
    const auto [place, is_new] = waiting_.try_emplace(ticket, std::move(waiting));
    assert(is_new);
    // Taken after the wrapping, which puts a handler of its own into the caller's slot.
    auto slot = asio::get_associated_cancellation_slot(place->second.handler);
    if (slot.is_connected())
      slot.assign([this, ticket](asio::cancellation_type) {
        resume(ticket, asio::error::operation_aborted);
      });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(boost::system::error_code)>(
      std::move(keep), asio::use_awaitable);
}

void Parking::resume(Ticket ticket, boost::system::error_code code) {
  auto found = waiting_.extract(ticket);
  if (found.empty()) return;
  Waiting waiting = std::move(found.mapped());
  asio::post(waiting.executor, asio::append(std::move(waiting.handler), code));
}

bool Parking::drop(const std::function<bool(const asio::any_io_executor&)>& is_doomed) {
  // Collected first: a frame that is destroyed may hold others that wait here.
  std::map<Ticket, Waiting> doomed;
  for (auto next = waiting_.begin(); next != waiting_.end();) {
    const auto current = next++;
    if (is_doomed(current->second.executor)) doomed.insert(waiting_.extract(current));
  }
  return !doomed.empty();
}

void Parking::shutdown() {
  while (!waiting_.empty()) {
    auto dropped = std::move(waiting_);
    waiting_.clear();
  }
}

}  // namespace readback::guard
