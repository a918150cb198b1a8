#include "configs/demo/http_client.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/url.hpp>

namespace demo {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {

// Servers close what is idle for a minute or more; one that is about to be closed is not used.
constexpr std::chrono::seconds kIdle{45};

struct Connection {
  explicit Connection(const asio::any_io_executor& executor) : stream(executor) {}
  beast::tcp_stream stream;
  beast::flat_buffer buffer;
  Clock::time_point last_used;
};

// Whether the peer has said something unasked: its end of the connection, as a rule.
bool is_spoiled(Connection& connection) {
  error_code error;
  char byte = 0;
  auto& socket = connection.stream.socket();
  socket.non_blocking(true, error);
  socket.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, error);
  return error != asio::error::would_block;
}

struct Exchange {
  http::request<http::string_body> request;
  http::response_parser<http::string_body> parser;
  bool has_reply_begun = false;
};

asio::awaitable<error_code> perform(Connection& connection, Exchange& exchange) {
  error_code error;
  co_await http::async_write(connection.stream, exchange.request,
                             asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return error;
  co_await http::async_read(connection.stream, connection.buffer, exchange.parser,
                            asio::redirect_error(asio::use_awaitable, error));
  exchange.has_reply_begun = exchange.parser.got_some() || connection.buffer.size() > 0;
  co_return error;
}

bool means_closed(error_code error) {
  return error == http::error::end_of_stream || error == asio::error::connection_reset ||
         error == asio::error::broken_pipe || error == asio::error::eof;
}

}  // namespace

struct HttpClient::Pool {
  std::unique_ptr<Connection> take_idle() {
    while (!idle.empty()) {
      auto connection = std::move(idle.back());
      idle.pop_back();
      if (Clock::now() - connection->last_used < kIdle && !is_spoiled(*connection))
        return connection;
    }
    return nullptr;
  }

  void keep(std::unique_ptr<Connection> connection) {
    if (idle.size() >= options.idle_connections) return;
    connection->stream.expires_never();
    connection->last_used = Clock::now();
    idle.push_back(std::move(connection));
  }

  http::request<http::string_body> message(HttpRequest request) const {
    http::request<http::string_body> message{http::string_to_verb(request.method),
                                             prefix + request.target, 11};
    message.set(http::field::host, host);
    if (!request.bearer.empty())
      message.set(http::field::authorization, "Bearer " + request.bearer);
    if (!request.body.empty()) message.set(http::field::content_type, "application/json");
    message.body() = std::move(request.body);
    message.prepare_payload();
    return message;
  }

  asio::any_io_executor executor;
  Options options;
  std::string host, prefix;
  tcp::resolver::results_type addresses;
  std::vector<std::unique_ptr<Connection>> idle;  // the last used is at the back
};

HttpClient::HttpClient(asio::any_io_executor executor, const std::string& origin, Options options)
    : pool_(std::make_unique<Pool>()) {
  const auto url = boost::urls::parse_uri(origin);
  if (!url || url->scheme() != "http" || url->encoded_host().empty())
    throw std::runtime_error("'" + origin + "' is no http URL");
  pool_->host = std::string(url->encoded_host_and_port());
  pool_->prefix = std::string(url->encoded_path());
  while (pool_->prefix.ends_with('/')) pool_->prefix.pop_back();
  const std::string port(url->has_port() ? std::string(url->port()) : "80");
  tcp::resolver resolver(executor);
  pool_->addresses = resolver.resolve(url->host_address(), port);
  pool_->executor = std::move(executor);
  pool_->options = options;
}

HttpClient::~HttpClient() = default;

asio::awaitable<boost::system::result<HttpReply>> HttpClient::exchange(HttpRequest request,
                                                                       Clock::time_point deadline) {
  const auto message = pool_->message(std::move(request));
  auto connection = pool_->take_idle();
  for (bool is_reused = connection != nullptr;; is_reused = false) {
    error_code error;
    if (!is_reused) {
      connection = std::make_unique<Connection>(pool_->executor);
      connection->stream.expires_at(deadline);
      co_await connection->stream.async_connect(pool_->addresses,
                                                asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return error;
      connection->stream.socket().set_option(tcp::no_delay(true), error);
    }
    connection->stream.expires_at(deadline);
    Exchange exchange;
    exchange.request = message;
    exchange.parser.body_limit(pool_->options.reply_bytes);
    error = co_await perform(*connection, exchange);
    if (!error) {
      auto response = exchange.parser.release();
      if (response.keep_alive()) pool_->keep(std::move(connection));
      co_return HttpReply{static_cast<int>(response.result_int()), std::move(response.body())};
    }
    if (!is_reused || exchange.has_reply_begun || !means_closed(error)) co_return error;
    // A server that closed one idle connection has most likely closed them all: it restarted.
    pool_->idle.clear();
  }
}

}  // namespace demo
