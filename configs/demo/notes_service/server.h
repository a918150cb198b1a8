#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "configs/demo/coroutines.h"

// HTTP/1.1 with keep-alive: sockets and framing, and nothing of what is served.

namespace demo::notes {

struct Request {
  std::string method{};
  std::string target{};  // path and query as sent
  std::string bearer{};  // empty where there is none
  // X-Lease-Token: of a page that was told once which editor to show (lease_gate.h).
  std::optional<std::string> lease_token{};
  std::string body{};
};

struct Answer {
  int status = 200;
  std::string body{};        // JSON
  bool is_withheld = false;  // never answered: the connection waits until the client leaves
};

using Handler = std::function<boost::asio::awaitable<Answer>(Request)>;

class Server {
 public:
  // Larger than the largest save: four fields of 100,000 characters of four bytes, escaped.
  static constexpr std::size_t kBodyBytes = std::size_t{8} << 20;
  static constexpr std::size_t kConnections = 2'048;

  // Listens on ADDRESS:PORT, port 0 being a free one. Throws system_error if it cannot.
  Server(Coroutines& coroutines, const boost::asio::any_io_executor& executor,
         const std::string& listen, Handler handler);
  std::uint16_t port() const;
  // Accepts until cancelled.
  boost::asio::awaitable<void> run();

 private:
  boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);

  Coroutines& coroutines_;
  boost::asio::ip::tcp::acceptor acceptor_;
  Handler handler_;
};

}  // namespace demo::notes
