#pragma once

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "guard/server/listener.h"
#include "guard/server/request_reader.h"
#include "guard/server/seats.h"
#include "guard/tasks.h"

// One connection of a listener and what can be done with it. Only guard/server/listener.cc includes
// this: it is the one file that instantiates Beast's streams on the server's side.

namespace readback::guard::server {
namespace asio = boost::asio;
using boost::system::error_code;
using Stage = RequestReader::Stage;

// How long, and how much of what a peer still sends, is read before its connection is closed, so
// that the reset which unread bytes cause does not overtake the reply.
inline constexpr Duration kPartingTime = std::chrono::seconds(2);
inline constexpr std::size_t kPartingBytes = std::size_t{256} << 10;
inline constexpr std::size_t kPieceBytes = std::size_t{8} << 10;
// What the kernel keeps for a peer that takes events slowly.
inline constexpr int kStreamBytes = 4 << 10;
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

template <class Protocol>
using Stream = boost::beast::basic_stream<Protocol, asio::any_io_executor>;

template <class Protocol>
struct Connection {
  Connection(asio::basic_stream_socket<Protocol, asio::any_io_executor> socket, Seats& seats,
             const ListenerOptions& options)
      : stream(std::move(socket)),
        reader({options.header_bytes, options.body_bytes}),
        peer(peer_of(stream.socket().native_handle())) {
    seat.emplace(seats, [this] { stream.close(); });
  }

  Stream<Protocol> stream;
  RequestReader reader;
  std::optional<Seats::Seat> seat;  // none while it takes events: their number has its own bound
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

// Reads what nobody should send, so as to learn that the peer has left.
template <class Protocol>
asio::awaitable<void> listen_for_end(Connection<Protocol>& connection, Tasks& tasks) {
  std::array<char, kStreamBytes / 4> sink;
  const auto buffer = asio::buffer(sink);
  error_code error;
  for (std::size_t total = 0; !error && total < kPartingBytes;) {
    const std::size_t count = co_await connection.stream.async_read_some(
        buffer, asio::redirect_error(asio::use_awaitable, error));
    total += count;
  }
  tasks.cancel();
}

template <class Protocol>
asio::awaitable<void> push(Connection<Protocol>& connection, std::string head, Pieces& pieces,
                           Duration time, bool& is_broken, Tasks& tasks) {
  bool is_whole = co_await send(connection, head, time);
  while (is_whole) {
    const std::string piece = co_await pieces.next();
    if (piece.empty()) break;
    is_whole = co_await send(connection, piece, time);
  }
  is_broken = !is_whole;
  tasks.cancel();
}

}  // namespace readback::guard::server
