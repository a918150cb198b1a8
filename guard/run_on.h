#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace readback::guard {

// Calls `work()` on `executor`, in production another thread's, and completes with what it returned
// on the caller's own. What `work` refers to outlives the call. It cannot be cancelled once begun:
// the caller waits for it.
template <class T, class Work>
boost::asio::awaitable<T> run_on(boost::asio::any_io_executor executor, Work work) {
  // No coroutine of its own: gcc 12 miscompiles a lambda with captures inside a co_await
  // expression.
  auto begin = [executor = std::move(executor), work = std::move(work)](auto handler) mutable {
    const auto home = boost::asio::get_associated_executor(handler);
    auto call = [work = std::move(work), home, handler = std::move(handler)]() mutable {
      auto resume = [handler = std::move(handler), result = work()]() mutable {
        std::move(handler)(std::move(result));
      };
      boost::asio::post(home, std::move(resume));
    };
    boost::asio::post(executor, std::move(call));
  };
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(T)>(
      std::move(begin), boost::asio::use_awaitable);
}

}  // namespace readback::guard
