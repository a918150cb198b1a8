#include "configs/demo/notes_service/server.h"

#include <array>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/url.hpp>

namespace demo::notes {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// Clients keep a connection for minutes between two saves.
constexpr std::chrono::minutes kIdle{5};
constexpr std::chrono::seconds kSend{30};
constexpr std::chrono::seconds kDrain{5};
constexpr std::size_t kDrainBytes = std::size_t{64} << 20;

tcp::endpoint endpoint_of(const std::string& listen) {
  const auto authority = boost::urls::parse_authority(listen);
  if (!authority || !authority->has_port())
    throw std::runtime_error("'" + listen + "' is not ADDRESS:PORT");
  return {asio::ip::make_address(std::string(authority->host_address())), authority->port_number()};
}

Request request_of(http::request<http::string_body> message) {
  static constexpr std::string_view kScheme = "Bearer ";
  Request request{.method = std::string(message.method_string()),
                  .target = std::string(message.target()),
                  .body = std::move(message.body())};
  const auto token = message.find("X-Lease-Token");
  if (token != message.end()) request.lease_token = std::string(token->value());
  const std::string_view authorization = message[http::field::authorization];
  if (beast::iequals(authorization.substr(0, kScheme.size()), kScheme))
    request.bearer = authorization.substr(kScheme.size());
  return request;
}

http::response<http::string_body> message_of(Answer answer, bool is_kept) {
  http::response<http::string_body> message{
      http::int_to_status(static_cast<unsigned>(answer.status)), 11};
  if (!answer.body.empty()) message.set(http::field::content_type, "application/json");
  message.set(http::field::cache_control, "no-store");
  message.body() = std::move(answer.body);
  message.keep_alive(is_kept);
  message.prepare_payload();
  return message;
}

// The answer to what could not be read, if there is anybody to answer.
std::optional<Answer> refusal_of(error_code error) {
  if (error == http::error::body_limit) return Answer{413, R"({"error":"too large"})"};
  if (error == http::error::header_limit) return Answer{431, R"({"error":"too large"})"};
  if (error == http::error::end_of_stream || error == http::error::partial_message)
    return std::nullopt;
  if (error.category() == make_error_code(http::error::end_of_stream).category())
    return Answer{400, R"({"error":"no HTTP request"})"};
  return std::nullopt;
}

// Sends the whole answer; tells whether the connection can take another request.
asio::awaitable<bool> send(beast::tcp_stream& stream, http::response<http::string_body> message) {
  error_code error;
  stream.expires_after(kSend);
  co_await http::async_write(stream, message, asio::redirect_error(asio::use_awaitable, error));
  co_return !error && message.keep_alive();
}

// Reads on while the client still sends what was refused: closing at once would reset the
// connection, and with it the refusal that he has not read yet.
asio::awaitable<void> drain(beast::tcp_stream& stream) {
  error_code error;
  std::array<char, 16'384> bytes;
  stream.expires_after(kDrain);
  stream.socket().shutdown(tcp::socket::shutdown_send, error);
  for (std::size_t drained = 0; !error && drained < kDrainBytes;) {
    const auto buffer = asio::buffer(bytes);
    const std::size_t size =
        co_await stream.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, error));
    drained += size;
  }
}

}  // namespace

Server::Server(Coroutines& coroutines, const asio::any_io_executor& executor,
               const std::string& listen, Handler handler)
    : coroutines_(coroutines),
      acceptor_(executor, endpoint_of(listen)),
      handler_(std::move(handler)) {}

std::uint16_t Server::port() const {
  return acceptor_.local_endpoint().port();
}

asio::awaitable<void> Server::run() {
  asio::steady_timer timer(acceptor_.get_executor());
  for (;;) {
    error_code error;
    tcp::socket socket(acceptor_.get_executor());
    co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      // Out of descriptors, as a rule: they come back when connections end.
      timer.expires_after(std::chrono::milliseconds(50));
      co_await timer.async_wait(asio::use_awaitable);
      continue;
    }
    if (coroutines_.size() < kConnections) coroutines_.start(serve(std::move(socket)));
  }
}

asio::awaitable<void> Server::serve(tcp::socket socket) {
  error_code error;
  socket.set_option(tcp::no_delay(true), error);
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer;
  for (bool is_open = true; is_open;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(kBodyBytes);
    stream.expires_after(kIdle);
    co_await http::async_read(stream, buffer, parser,
                              asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      auto refusal = refusal_of(error);
      if (!refusal) co_return;
      co_await send(stream, message_of(std::move(*refusal), false));
      co_await drain(stream);
      co_return;
    }
    stream.expires_never();
    const bool is_kept = parser.get().keep_alive();
    Answer answer = co_await handler_(request_of(parser.release()));
    if (answer.is_withheld) {
      co_await stream.socket().async_wait(tcp::socket::wait_read,
                                          asio::redirect_error(asio::use_awaitable, error));
      co_return;
    }
    is_open = co_await send(stream, message_of(std::move(answer), is_kept));
  }
}

}  // namespace demo::notes
