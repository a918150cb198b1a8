#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

// An HTTP/1.1 client of one origin that keeps its connections. Single-threaded.

namespace demo {

struct HttpRequest {
  std::string method{};
  std::string target{};  // path and query, percent-encoded; appended to the origin's own path
  std::string bearer{};  // no Authorization header where empty
  std::string body{};    // JSON; none where empty
};

struct HttpReply {
  int status = 0;
  std::string body{};
};

class HttpClient {
 public:
  struct Options {
    std::size_t idle_connections = 64;
    std::size_t reply_bytes = std::size_t{4} << 20;
  };

  // `origin` is an http URL with an optional path. Throws std::runtime_error if it is none, and
  // system_error if its host has no address.
  HttpClient(boost::asio::any_io_executor executor, const std::string& origin, Options options);
  ~HttpClient();

  // Brings the whole reply before `deadline`, connecting included, or the error that stands for
  // it. Repeats a request only where a kept connection turned out to be closed before any byte of
  // a reply came: then once, on a new connection, by the same deadline.
  boost::asio::awaitable<boost::system::result<HttpReply>> exchange(
      HttpRequest request, std::chrono::steady_clock::time_point deadline);

 private:
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace demo
