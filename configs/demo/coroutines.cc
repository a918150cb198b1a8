#include "configs/demo/coroutines.h"

#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace demo {
namespace asio = boost::asio;

namespace {

bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

Coroutines::Coroutines(asio::any_io_executor executor) : executor_(std::move(executor)) {}

void Coroutines::start(asio::awaitable<void> coroutine) {
  if (is_cancelled_) return;
  const auto entry = running_.emplace(running_.end());
  auto on_end = [this, entry](const std::exception_ptr& why) { end(entry, why); };
  asio::co_spawn(executor_, std::move(coroutine),
                 asio::bind_cancellation_slot(entry->slot(), std::move(on_end)));
}

void Coroutines::cancel() {
  if (std::exchange(is_cancelled_, true)) return;
  // A coroutine may end, and leave the list, while it is being told to.
  for (auto next = running_.begin(); next != running_.end();)
    (next++)->emit(asio::cancellation_type::terminal);
}

void Coroutines::rethrow() const {
  if (failure_) std::rethrow_exception(failure_);
}

void Coroutines::end(std::list<asio::cancellation_signal>::iterator entry,
                     const std::exception_ptr& why) {
  running_.erase(entry);
  if (!why || is_cancellation(why)) return;
  if (!failure_) failure_ = why;
  cancel();
}

}  // namespace demo
