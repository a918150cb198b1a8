#include "guard/command/daemon_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>

namespace readback::guard {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

using Stream = beast::basic_stream<asio::local::stream_protocol>;

asio::awaitable<DaemonClient::Answer> exchange(Stream& stream, std::string socket,
                                               http::request<http::string_body> request,
                                               std::chrono::milliseconds patience) {
  stream.expires_after(patience);
  const asio::local::stream_protocol::endpoint endpoint(socket);
  co_await stream.async_connect(endpoint, asio::use_awaitable);
  co_await http::async_write(stream, request, asio::use_awaitable);
  beast::flat_buffer buffer;
  http::response<http::string_body> response;
  co_await http::async_read(stream, buffer, response, asio::use_awaitable);
  DaemonClient::Answer answer{static_cast<int>(response.result_int()),
                              nlohmann::json::parse(response.body(), nullptr, false)};
  co_return answer;
}

Result<DaemonClient::Answer> carry(const std::string& socket, http::verb verb,
                                   const std::string& path, const nlohmann::json& body,
                                   std::chrono::milliseconds patience) {
  http::request<http::string_body> request(verb, path, 11);
  request.set(http::field::host, "guard");
  if (!body.is_null()) request.body() = body.dump();
  request.prepare_payload();
  asio::io_context io(1);
  Stream stream(io);
  std::optional<DaemonClient::Answer> answer;
  std::string why = "no answer";
  asio::co_spawn(io, exchange(stream, socket, std::move(request), patience),
                 [&](std::exception_ptr failure, DaemonClient::Answer given) {
                   try {
                     if (failure) std::rethrow_exception(failure);
                     answer = std::move(given);
                   } catch (const std::exception& error) {
                     why = error.what();
                   }
                 });
  io.run();
  if (!answer) return Problem{socket, why};
  if (answer->body.is_discarded()) return Problem{socket, "the answer is no JSON"};
  return Result<DaemonClient::Answer>(boost::system::in_place_value, std::move(*answer));
}

}  // namespace

Result<DaemonClient::Answer> DaemonClient::get(const std::string& path) const {
  return carry(socket_, http::verb::get, path, nullptr, patience_);
}

Result<DaemonClient::Answer> DaemonClient::post(const std::string& path,
                                                const nlohmann::json& body) const {
  return carry(socket_, http::verb::post, path, body, patience_);
}

}  // namespace readback::guard
