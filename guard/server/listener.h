#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "guard/clock.h"
#include "guard/result.h"
#include "guard/server/authenticate.h"
#include "guard/server/origins.h"
#include "guard/server/route.h"

// An HTTP/1.1 server (RFC 9112) for one address or one Unix socket. Requests are read strictly
// (guard/server/framing.h) and within time-outs; a reply is one buffer with Content-Length, given
// to the kernel whole or followed by a reset, since a client that got half a body may wait for the
// rest for ever. When there are too many connections, the one that is worth least is closed: first
// one that never proved who it is, then the one that is idle longest. Single-threaded.

namespace readback::guard::server {

struct ListenerOptions {
  std::size_t connections = 512;
  std::size_t header_bytes = std::size_t{16} << 10;  // more: 431
  std::size_t body_bytes = std::size_t{64} << 10;    // more: 413
  Duration first = std::chrono::seconds(10);         // from connecting to the first byte
  Duration header = std::chrono::seconds(5);         // from a request's first byte on
  Duration body = std::chrono::seconds(5);           // from its header's end on
  Duration write = std::chrono::seconds(5);          // for a whole reply
  // Between two requests. Closed at the client's call interval, 46 of 120 evaluations became the
  // code default, since a POST is not sent again.
  Duration idle = std::chrono::minutes(15);
  const Origins* origins = nullptr;  // outlives the listener; null: no page of a browser may ask
  // Told what a handler threw; the caller only gets 500.
  std::function<void(std::string_view what)> on_failure;
};

// For metrics; each only grows.
struct ListenerCounts {
  std::uint64_t accepted = 0;
  std::uint64_t turned_away = 0;  // too many connections, and none that could be closed
  std::uint64_t evicted = 0;      // closed in favour of a new one
  std::uint64_t refused = 0;      // requests that were not well-formed, or too large
  std::uint64_t replies = 0;      // given to the kernel whole
  std::uint64_t broken = 0;       // replies that could not be
};

class Listener {
 public:
  // `clock` and `authenticator` outlive this.
  Listener(boost::asio::any_io_executor executor, Clock& clock, const Authenticator& authenticator,
           std::vector<Route> routes, ListenerOptions options = {});
  ~Listener();  // removes its Unix socket, unless another process has bound the path since
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Exactly one of the two, once, before serve(). `address` is numeric, IPv4 or IPv6; port 0 takes
  // a free one; the port is returned. The problem says why it can't listen there.
  Result<std::uint16_t> bind_tcp(const std::string& address, std::uint16_t port);
  // Makes the socket with mode 0660. A socket that nobody listens at is replaced; one at which
  // somebody does, and any other file, is a problem.
  Result<void> bind_unix(const std::string& path);

  // Accepts and serves until it is cancelled; then closes every connection.
  boost::asio::awaitable<void> serve();

  const ListenerCounts& counts() const;

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace readback::guard::server
