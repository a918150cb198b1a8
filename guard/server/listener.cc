#include "guard/server/listener.h"

#include <unistd.h>

#include <cassert>
#include <exception>
#include <optional>
#include <utility>

#include "guard/server/bind.h"
#include "guard/server/connection.h"
#include "guard/server/error_reply.h"
#include "guard/server/render.h"
#include "guard/server/responder.h"

namespace readback::guard::server {
using asio::ip::tcp;
using Local = asio::local::stream_protocol;

namespace {

// Before accepting is tried again when the process has no descriptor left.
constexpr Duration kBreath = std::chrono::milliseconds(50);

}  // namespace

class Listener::Server {
 public:
  Server(asio::any_io_executor executor, Clock& clock, const Authenticator& authenticator,
         std::vector<Route> routes, ListenerOptions options)
      : executor_(std::move(executor)),
        clock_(clock),
        options_(std::move(options)),
        responder_(std::move(routes), authenticator, options_.origins, options_.on_failure),
        seats_(options_.connections) {}

  ~Server() {
    if (unix_ && identity_of(path_) == identity_) ::unlink(path_.c_str());
  }

  Result<std::uint16_t> bind_tcp(const std::string& address, std::uint16_t port) {
    assert(!tcp_ && !unix_);
    auto acceptor = listen_tcp(executor_, address, port);
    if (!acceptor) return acceptor.error();
    tcp_.emplace(std::move(*acceptor));
    return tcp_->local_endpoint().port();
  }

  Result<void> bind_unix(const std::string& path) {
    assert(!tcp_ && !unix_);
    auto acceptor = listen_unix(executor_, path);
    if (!acceptor) return acceptor.error();
    unix_.emplace(std::move(*acceptor));
    path_ = path;
    identity_ = identity_of(path);
    return {};
  }

  asio::awaitable<void> serve() {
    assert(tcp_ || unix_);
    Tasks tasks(executor_);
    tasks.start(tcp_ ? accept<tcp>(*tcp_, tasks) : accept<Local>(*unix_, tasks));
    co_await tasks.join();
  }

  ListenerCounts& counts() { return counts_; }

 private:
  template <class Protocol>
  using Socket = asio::basic_stream_socket<Protocol, asio::any_io_executor>;

  template <class Protocol>
  asio::awaitable<void> accept(typename Protocol::acceptor& acceptor, Tasks& tasks) {
    for (;;) {
      error_code error;
      Socket<Protocol> socket =
          co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (!error) {
        admit<Protocol>(std::move(socket), tasks);
        continue;
      }
      // No descriptor left, or the peer was gone before it was accepted.
      seats_.make_room();
      co_await clock_.sleep_for(kBreath);
    }
  }

  template <class Protocol>
  void admit(Socket<Protocol> socket, Tasks& tasks) {
    ++counts_.accepted;
    error_code ignored;
    if constexpr (std::is_same_v<Protocol, tcp>) socket.set_option(tcp::no_delay(true), ignored);
    const bool has_room = seats_.make_room();
    counts_.evicted = seats_.evicted();
    if (has_room) {
      tasks.start(converse<Protocol>(std::move(socket)));
      return;
    }
    ++counts_.turned_away;
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);  // The destructor would not reset.
  }

  template <class Protocol>
  asio::awaitable<void> converse(Socket<Protocol> socket) {
    Connection<Protocol> connection(std::move(socket), seats_, options_);
    for (bool goes_on = true; goes_on;) {
      const bool is_there = co_await read(connection, options_);
      if (!is_there) co_return;
      connection.seat->set_busy(true);
      goes_on = connection.reader.stage() == Stage::whole && connection.reader.keeps_alive();
      Rendering how;
      how.keeps_connection = goes_on;
      how.version = connection.reader.version();
      how.is_for_head = connection.reader.request().method == "HEAD";
      Response response = co_await respond(connection);
      if (response.pieces) {
        co_await send_pieces(connection, std::move(response));
        co_return;
      }
      const std::string text = render(response, how, clock_.wall());
      const bool is_whole = co_await send(connection, text, options_.write);
      ++(is_whole ? counts_.replies : counts_.broken);
      if (response.when_sent) response.when_sent(is_whole);
      if (!is_whole) co_return;
      connection.was_served |= response.status < 400;
      connection.seat->set_busy(false);
      if (goes_on) connection.reader.next();
    }
    co_await part(connection);
  }

  // Sends events until one side has enough.
  template <class Protocol>
  asio::awaitable<void> send_pieces(Connection<Protocol>& connection, Response response) {
    connection.seat.reset();
    error_code ignored;
    const asio::socket_base::send_buffer_size small(kStreamBytes);
    connection.stream.socket().set_option(small, ignored);
    Rendering how;
    how.keeps_connection = false;
    how.is_endless = true;
    const std::string head = render(response, how, clock_.wall());
    connection.stream.expires_never();
    Tasks tasks(executor_);
    tasks.start(listen_for_end(connection, tasks));
    bool is_broken = false;
    tasks.start(push(connection, head, *response.pieces, options_.write, is_broken, tasks));
    co_await tasks.join();
    if (is_broken) ++counts_.broken;
  }

  template <class Protocol>
  asio::awaitable<Response> respond(Connection<Protocol>& connection) {
    if (connection.reader.stage() == Stage::refused) {
      ++counts_.refused;
      const Refusal refusal = connection.reader.refusal();
      co_return error_reply(refusal.status, refusal.why);
    }
    Responder::Answered answered =
        co_await responder_.respond(std::move(connection.reader.request()), connection.peer);
    if (answered.is_known) connection.seat->set_known();
    co_return std::move(answered.response);
  }

  asio::any_io_executor executor_;
  Clock& clock_;
  ListenerOptions options_;
  Responder responder_;
  Seats seats_;
  ListenerCounts counts_;
  std::optional<tcp::acceptor> tcp_;
  std::optional<Local::acceptor> unix_;
  std::string path_;
  FileIdentity identity_;
};

Listener::Listener(asio::any_io_executor executor, Clock& clock, const Authenticator& authenticator,
                   std::vector<Route> routes, ListenerOptions options)
    : server_(std::make_unique<Server>(std::move(executor), clock, authenticator, std::move(routes),
                                       std::move(options))) {}

Listener::~Listener() = default;

Result<std::uint16_t> Listener::bind_tcp(const std::string& address, std::uint16_t port) {
  return server_->bind_tcp(address, port);
}

Result<void> Listener::bind_unix(const std::string& path) {
  return server_->bind_unix(path);
}

asio::awaitable<void> Listener::serve() {
  return server_->serve();
}

const ListenerCounts& Listener::counts() const {
  return server_->counts();
}

}  // namespace readback::guard::server
