#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

// Raw bytes over real sockets of this machine, for tests of what speaks HTTP.

namespace readback::loopback {

namespace asio = boost::asio;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;

// Runs the context until `task` has ended, and rethrows what it threw.
inline void run(asio::io_context& io, asio::awaitable<void> task) {
  bool is_over = false;
  std::exception_ptr failure;
  asio::co_spawn(io, std::move(task), [&](std::exception_ptr why) {
    is_over = true;
    failure = std::move(why);
  });
  io.restart();
  while (!is_over) io.run_one();
  if (failure) std::rethrow_exception(failure);
}

inline tcp::endpoint endpoint(std::uint16_t port) {
  return {asio::ip::address_v4::loopback(), port};
}

template <class Socket>
asio::awaitable<void> send(Socket& socket, std::string text) {
  const auto buffer = asio::buffer(text);
  co_await asio::async_write(socket, buffer, asio::use_awaitable);
}

// What comes until the other side closes; `error` says how it did.
template <class Socket>
asio::awaitable<std::string> receive_all(Socket& socket, boost::system::error_code& error) {
  std::string text;
  auto buffer = asio::dynamic_buffer(text);
  co_await asio::async_read(socket, buffer, asio::redirect_error(asio::use_awaitable, error));
  co_return text;
}

// What comes up to and with `end`, or until the other side closes.
template <class Socket>
asio::awaitable<std::string> receive_until(Socket& socket, std::string end) {
  std::string text;
  while (!text.ends_with(end)) {
    char letter = 0;
    const auto buffer = asio::buffer(&letter, 1);
    boost::system::error_code error;
    co_await asio::async_read(socket, buffer, asio::redirect_error(asio::use_awaitable, error));
    if (error) break;
    text += letter;
  }
  co_return text;
}

}  // namespace readback::loopback
