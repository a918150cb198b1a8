#include "guard/command/daemon_client.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>
#include <exception>
#include <optional>

namespace readback::guard {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::generic::stream_protocol;

// The exposures of one flag: 200,000 records of some 130 bytes.
constexpr std::uint64_t kReplyBytes = std::uint64_t{64} << 20;

http::request<http::string_body> as_http(const Question& question, const std::string& host) {
  http::request<http::string_body> request(http::string_to_verb(question.method), question.path,
                                           11);
  request.set(http::field::host, host);
  request.set(http::field::connection, "close");
  if (!question.body.empty()) request.set(http::field::content_type, "application/json");
  if (!question.token.empty()) request.set(http::field::authorization, "Bearer " + question.token);
  request.body() = question.body;
  request.prepare_payload();
  return request;
}

Heard not_heard(const boost::system::error_code& code) {
  namespace errc = boost::system::errc;
  if (code == errc::no_such_file_or_directory || code == errc::connection_refused ||
      code == errc::not_a_directory)
    return {Heard::Kind::absent, 0, "", code.message()};
  if (code == errc::permission_denied || code == errc::operation_not_permitted)
    return {Heard::Kind::forbidden, 0, "", code.message()};
  return {Heard::Kind::silent, 0, "", code.message()};
}

// A protocol that is known at run time only, so that Beast is compiled once for both kinds.
asio::awaitable<Heard> exchange(stream_protocol::endpoint to,
                                http::request<http::string_body> request) {
  const auto executor = co_await asio::this_coro::executor;
  stream_protocol::socket socket(executor);
  co_await socket.async_connect(to, asio::use_awaitable);
  co_await http::async_write(socket, request, asio::use_awaitable);
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kReplyBytes);
  co_await http::async_read(socket, buffer, parser, asio::use_awaitable);
  Heard heard;
  heard.kind = Heard::Kind::answered;
  heard.status = static_cast<int>(parser.get().result_int());
  heard.body = std::move(parser.get().body());
  co_return heard;
}

Heard ask(stream_protocol::endpoint to, const Question& question, const std::string& host) {
  std::optional<Heard> heard;
  asio::io_context io(1);
  asio::co_spawn(io, exchange(std::move(to), as_http(question, host)),
                 [&heard](std::exception_ptr why, Heard found) {
                   try {
                     if (why) std::rethrow_exception(why);
                     heard = std::move(found);
                   } catch (const boost::system::system_error& error) {
                     heard = not_heard(error.code());
                   }
                 });
  io.run_for(question.patience);
  if (heard) return std::move(*heard);
  return {Heard::Kind::silent, 0, "",
          "no answer in " + std::to_string(question.patience.count()) + " ms"};
}

}  // namespace

Heard ask_socket(const std::string& path, const Question& question) {
  // The kernel takes no longer path, so nobody listens at one.
  if (path.size() >= sizeof(sockaddr_un{}.sun_path))
    return {Heard::Kind::absent, 0, "", "the path is longer than a Unix socket's may be"};
  return ask(asio::local::stream_protocol::endpoint(path), question, "localhost");
}

Heard ask_address(const std::string& address, const Question& question) {
  const auto authority = boost::urls::parse_authority(address);
  boost::system::error_code code;
  if (authority.has_error() || !authority->has_port())
    return {Heard::Kind::absent, 0, "", "\"" + address + "\" is no address with a port"};
  const auto host = asio::ip::make_address(std::string(authority->host_address()), code);
  if (code) return {Heard::Kind::absent, 0, "", "\"" + address + "\" is no numeric address"};
  return ask(asio::ip::tcp::endpoint(host, authority->port_number()), question, address);
}

}  // namespace readback::guard
