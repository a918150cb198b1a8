#include "guard/server/listener.h"

#include <unistd.h>

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <cassert>
#include <exception>
#include <optional>
#include <utility>

#include "guard/server/bind.h"
#include "guard/server/error_reply.h"
#include "guard/server/render.h"
#include "guard/server/request_reader.h"
#include "guard/server/responder.h"
#include "guard/server/seats.h"
#include "guard/tasks.h"

// The one file that instantiates Beast's streams on the server's side.

namespace readback::guard::server {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Local = asio::local::stream_protocol;
using Stage = RequestReader::Stage;

namespace {

// How long, and how much of what a peer still sends, is read before its connection is closed, so
// that the reset which unread bytes cause does not overtake the reply.
constexpr Duration kPartingTime = std::chrono::seconds(2);
constexpr std::size_t kPartingBytes = std::size_t{256} << 10;
constexpr std::size_t kPieceBytes = std::size_t{8} << 10;
// Before accepting is tried again when the process has no descriptor left.
constexpr Duration kBreath = std::chrono::milliseconds(50);
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

template <class Protocol>
using Stream = boost::beast::basic_stream<Protocol, asio::any_io_executor>;

template <class Protocol>
struct Connection {
  Connection(asio::basic_stream_socket<Protocol, asio::any_io_executor> socket, Seats& seats,
             const ListenerOptions& options)
      : stream(std::move(socket)),
        reader({options.header_bytes, options.body_bytes}),
        seat(seats, [this] { stream.close(); }),
        peer(peer_of(stream.socket().native_handle())) {}

  Stream<Protocol> stream;
  RequestReader reader;
  Seats::Seat seat;
  std::optional<Peer> peer;
  bool was_served = false;  // got an answer that was no error
};

template <class Protocol>
void reset_on_close(Connection<Protocol>& connection, bool does) {
  error_code ignored;  // A peer that has left already is no failure.
  connection.stream.socket().set_option(asio::socket_base::linger(does, 0), ignored);
}

// Waits for the next bytes, up to the stream's deadline. False when there are none to come.
template <class Protocol>
asio::awaitable<bool> receive(Connection<Protocol>& connection) {
  std::array<char, kPieceBytes> piece;
  const auto buffer = asio::buffer(piece);
  error_code error;
  const std::size_t count = co_await connection.stream.async_read_some(
      buffer, asio::redirect_error(asio::use_awaitable, error));
  if (!error) connection.reader.feed({piece.data(), count});
  co_return !error;
}

template <class Protocol>
asio::awaitable<bool> write(Connection<Protocol>& connection, std::string_view text) {
  const auto buffer = asio::buffer(text);
  error_code error;
  co_await asio::async_write(connection.stream, buffer,
                             asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

template <class Protocol>
Duration time_for(Stage stage, const Connection<Protocol>& connection,
                  const ListenerOptions& options) {
  if (stage == Stage::head) return options.header;
  if (stage == Stage::body) return options.body;
  return connection.was_served ? options.idle : options.first;
}

// Reads until a request is whole or refused. False if the peer left, or took too long.
template <class Protocol>
asio::awaitable<bool> read(Connection<Protocol>& connection, const ListenerOptions& options) {
  RequestReader& reader = connection.reader;
  std::optional<Stage> timed;
  bool was_continued = false;
  for (bool is_there = true; is_there;) {
    const Stage stage = reader.stage();
    if (stage == Stage::whole || stage == Stage::refused) co_return true;
    // One deadline for all of a header, and one for all of a body, however they trickle.
    if (timed != stage) connection.stream.expires_after(time_for(stage, connection, options));
    timed = stage;
    if (stage == Stage::body && reader.expects_continue() && !was_continued) {
      was_continued = true;
      is_there = co_await write(connection, kContinue);
    }
    if (is_there) is_there = co_await receive(connection);
  }
  co_return false;
}

// Gives `text` to the kernel whole, or resets the connection.
template <class Protocol>
asio::awaitable<bool> send(Connection<Protocol>& connection, const std::string& text,
                           Duration time) {
  connection.stream.expires_after(time);
  reset_on_close(connection, true);
  bool is_whole = false;
  try {
    is_whole = co_await write(connection, text);
  } catch (const boost::system::system_error&) {  // Cancelled.
  }
  if (is_whole) reset_on_close(connection, false);
  co_return is_whole;
}

// Ends a connection so that its last reply arrives.
template <class Protocol>
asio::awaitable<void> part(Connection<Protocol>& connection) {
  std::array<char, kPieceBytes> sink;
  const auto buffer = asio::buffer(sink);
  error_code error;
  connection.stream.socket().shutdown(asio::socket_base::shutdown_send, error);
  connection.stream.expires_after(kPartingTime);
  for (std::size_t total = 0; !error && total < kPartingBytes;) {
    const std::size_t count = co_await connection.stream.async_read_some(
        buffer, asio::redirect_error(asio::use_awaitable, error));
    total += count;
  }
}

}  // namespace

class Listener::Server {
 public:
  Server(asio::any_io_executor executor, Clock& clock, const Authenticator& authenticator,
         std::vector<Route> routes, ListenerOptions options)
      : executor_(std::move(executor)),
        clock_(clock),
        options_(std::move(options)),
        responder_(std::move(routes), authenticator, options_.on_failure),
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
      connection.seat.set_busy(true);
      goes_on = connection.reader.stage() == Stage::whole && connection.reader.keeps_alive();
      Rendering how;
      how.keeps_connection = goes_on;
      how.version = connection.reader.version();
      how.is_for_head = connection.reader.request().method == "HEAD";
      const Response response = co_await respond(connection);
      const std::string text = render(response, how, clock_.wall());
      const bool is_whole = co_await send(connection, text, options_.write);
      ++(is_whole ? counts_.replies : counts_.broken);
      if (response.when_sent) response.when_sent(is_whole);
      if (!is_whole) co_return;
      connection.was_served |= response.status < 400;
      connection.seat.set_busy(false);
      if (goes_on) connection.reader.next();
    }
    co_await part(connection);
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
    if (answered.is_known) connection.seat.set_known();
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
