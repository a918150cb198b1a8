#include "guard/tasks.h"

#include <list>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/append.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace readback::guard {
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

// Asio 1.26 lets a task that never waited wait once more at its end. If it was cancelled meanwhile,
// as one is that cancels its siblings, what that throws ends in whoever runs the context.
asio::awaitable<void> end_quietly(asio::awaitable<void> task) {
  std::exception_ptr why;
  try {
    co_await std::move(task);
  } catch (...) {
    why = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  if (why) std::rethrow_exception(why);
}

}  // namespace

struct Tasks::State : std::enable_shared_from_this<State> {
  using Entry = std::list<asio::cancellation_signal>::iterator;

  void cancel() {
    if (std::exchange(cancelled, true)) return;
    // Told by the executor, since what throws in a task that has not begun ends in whoever runs it;
    // and by the list, since a task may have ended by then.
    asio::dispatch(executor, [self = shared_from_this()] { self->tell_all(); });
  }

  void tell_all() {
    // A task may end, and leave the list, while it is being told to.
    for (auto next = running.begin(); next != running.end();) (next++)->emit(kind);
  }

  void end(Entry task, std::exception_ptr why) {
    running.erase(task);
    if (why && !is_cancellation(why)) {
      if (!failure) failure = why;
      cancel();
    }
    resume_if_done();
  }

  void resume_if_done() {
    if (!running.empty() || !waiter) return;
    asio::post(executor, asio::append(std::move(*waiter), failure));
    waiter.reset();
  }

  static constexpr auto kind = asio::cancellation_type::terminal;
  asio::any_io_executor executor;
  std::list<asio::cancellation_signal> running;
  std::exception_ptr failure;
  bool cancelled = false;
  // Emplaced and never assigned: assignment recurses for ever in Asio 1.26.
  std::optional<asio::any_completion_handler<void(std::exception_ptr)>> waiter;
};

// Has a slot and no executor. Of a handler that has both, as asio::bind_cancellation_slot makes it,
// Asio 1.26 posts the cancellation with a bare pointer into the task, which may have ended by then.
struct Tasks::OnEnd {
  using cancellation_slot_type = asio::cancellation_slot;
  cancellation_slot_type get_cancellation_slot() const noexcept { return entry->slot(); }
  void operator()(std::exception_ptr why) const { state->end(entry, std::move(why)); }

  std::shared_ptr<State> state;
  State::Entry entry;
};

Tasks::Tasks(asio::any_io_executor executor) : state_(std::make_shared<State>()) {
  state_->executor = std::move(executor);
}

Tasks::~Tasks() {
  if (state_) state_->cancel();
}

void Tasks::start(asio::awaitable<void> task) {
  const std::shared_ptr<State> state = state_ ? state_ : joined_.lock();
  if (!state || state->cancelled) return;
  const State::Entry entry = state->running.emplace(state->running.end());
  asio::co_spawn(state->executor, end_quietly(std::move(task)), OnEnd{state, entry});
}

void Tasks::cancel() {
  if (const std::shared_ptr<State> state = state_ ? state_ : joined_.lock()) state->cancel();
}

asio::awaitable<void> Tasks::join() {
  // No coroutine: gcc 12 miscompiles a lambda with captures inside a co_await expression.
  auto wait = [this](auto handler) {
    joined_ = state_;
    const auto state = std::move(state_);  // From here on only the tasks own it.
    state->waiter.emplace(std::move(handler));
    // Taken after the emplacing, which puts a handler of its own into the caller's slot.
    auto slot = asio::get_associated_cancellation_slot(*state->waiter);
    if (slot.is_connected())
      slot.assign([weak = std::weak_ptr(state)](asio::cancellation_type) {
        if (const auto strong = weak.lock()) strong->cancel();
      });
    state->resume_if_done();
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
      std::move(wait), asio::use_awaitable);
}

}  // namespace readback::guard
