#include "probes/abandon.h"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/append.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <memory>
#include <utility>

namespace readback::probes {
namespace asio = boost::asio;

namespace {

using Outcome = std::unique_ptr<Reply>;

// Owned by the two coroutines alone, and with it the caller: so a context that drops its work
// frees all three.
struct Race {
  static constexpr auto kind = asio::cancellation_type::terminal;
  asio::any_io_executor executor;
  std::optional<asio::any_completion_handler<void(std::exception_ptr, Outcome)>> waiter;
  asio::cancellation_signal work;
  asio::cancellation_signal timer;

  void end(std::exception_ptr failure, Outcome outcome) {
    if (!waiter) return;
    auto handler = std::move(*waiter);
    waiter.reset();
    asio::post(executor, asio::append(std::move(handler), std::move(failure), std::move(outcome)));
    work.emit(kind);
    timer.emit(kind);
  }
};

}  // namespace

asio::awaitable<Outcome> unless(asio::any_io_executor executor, asio::awaitable<void> timer,
                                asio::awaitable<Reply> work) {
  auto run = [executor = std::move(executor), timer = std::move(timer),
              work = std::move(work)](auto handler) mutable {
    const auto race = std::make_shared<Race>();
    race->executor = executor;
    race->waiter.emplace(std::move(handler));
    // Taken after the emplacing, which puts a handler of its own into the caller's slot.
    auto slot = asio::get_associated_cancellation_slot(*race->waiter);
    if (slot.is_connected())
      slot.assign([weak = std::weak_ptr(race)](asio::cancellation_type) {
        const boost::system::system_error aborted(asio::error::operation_aborted);
        if (const auto strong = weak.lock()) strong->end(std::make_exception_ptr(aborted), nullptr);
      });
    auto on_work = [race](std::exception_ptr failure, Reply reply) {
      race->end(std::move(failure), std::make_unique<Reply>(std::move(reply)));
    };
    auto on_timer = [race](std::exception_ptr failure) { race->end(std::move(failure), nullptr); };
    asio::co_spawn(executor, std::move(work),
                   asio::bind_cancellation_slot(race->work.slot(), std::move(on_work)));
    asio::co_spawn(executor, std::move(timer),
                   asio::bind_cancellation_slot(race->timer.slot(), std::move(on_timer)));
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, Outcome)>(
      std::move(run), asio::use_awaitable);
}

}  // namespace readback::probes
