#include "probes/http.h"

#include <array>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>
#include <utility>

#include "probes/abandon.h"
#include "probes/http_target.h"
#include "probes/response_reader.h"

// The one file that instantiates the client's side of Beast, and TLS.

namespace readback::probes {
namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;
using Message = http::request<http::string_body>;

struct HttpTransport::Client {
  AllowList allowed;
  // Shared with exchanges that were abandoned.
  std::shared_ptr<ssl::context> tls = std::make_shared<ssl::context>(ssl::context::tls_client);
};

namespace {

constexpr std::size_t kPieceBytes = std::size_t{16} << 10;
constexpr std::array<std::string_view, 9> kFraming{"Connection", "Content-Length",    "Expect",
                                                   "Keep-Alive", "Proxy-Connection",  "TE",
                                                   "Trailer",    "Transfer-Encoding", "Upgrade"};

Message message_of(Request request, const HttpTarget& target) {
  Message message;
  message.version(11);
  message.method_string(request.method);
  message.target(target.resource);
  message.set(http::field::host, target.authority);
  message.set(http::field::user_agent, "readback/" READBACK_VERSION);
  message.set(http::field::accept, "*/*");
  for (const auto& [name, value] : request.headers)
    if (boost::algorithm::iequals(name, "host") || boost::algorithm::iequals(name, "accept") ||
        boost::algorithm::iequals(name, "user-agent"))
      message.set(name, value);
    else if (std::none_of(kFraming.begin(), kFraming.end(), [&name = name](auto framing) {
               return boost::algorithm::iequals(name, framing);
             }))
      message.insert(name, value);
  message.set(http::field::connection, "close");
  message.body() = std::move(request.body);
  message.prepare_payload();
  return message;
}

// Sends the message and reads the answer. An application may answer, and close, before it has read
// all: so the answer is looked for after a failed write as well.
template <class Stream>
asio::awaitable<Reply> converse(Stream& stream, Message& message, std::size_t reply_bytes) {
  ResponseReader reader(reply_bytes, message.method() != http::verb::head);
  error_code error;
  co_await http::async_write(stream, message, asio::redirect_error(asio::use_awaitable, error));
  std::array<char, kPieceBytes> piece;
  const auto buffer = asio::buffer(piece);
  while (!reader.outcome()) {
    const std::size_t count =
        co_await stream.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, error));
    reader.feed({piece.data(), count});
    if (error) reader.end(error == asio::error::eof);
  }
  co_return *reader.outcome();
}

asio::awaitable<Reply> converse_over_tls(tcp::socket socket, ssl::context& tls, HttpTarget target,
                                         Message message, std::size_t reply_bytes) {
  ssl::stream<tcp::socket> stream(std::move(socket), tls);
  error_code error;
  asio::ip::make_address(target.host, error);
  const bool is_name = error.failed();
  // Only names have an SNI (RFC 6066, 3).
  if (is_name) SSL_set_tlsext_host_name(stream.native_handle(), target.host.c_str());
  stream.set_verify_mode(ssl::verify_peer);
  stream.set_verify_callback(ssl::host_name_verification(target.host));
  error = {};
  co_await stream.async_handshake(ssl::stream_base::client,
                                  asio::redirect_error(asio::use_awaitable, error));
  if (error.category() == asio::error::get_ssl_category()) co_return Silence::untrusted;
  if (error) co_return Silence::cut_off;
  co_return co_await converse(stream, message, reply_bytes);
}

// Every address of the host; none if it has none.
asio::awaitable<std::vector<tcp::endpoint>> look_up(HttpTarget target) {
  std::vector<tcp::endpoint> found;
  error_code error;
  const auto address = asio::ip::make_address(target.host, error);
  if (!error) {
    found.emplace_back(address, target.port);
    co_return found;
  }
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  const std::string port = std::to_string(target.port);
  const auto results =
      co_await resolver.async_resolve(target.host, port, tcp::resolver::numeric_service,
                                      asio::redirect_error(asio::use_awaitable, error));
  for (const auto& result : results) found.push_back(result.endpoint());
  co_return found;
}

// Owns all that it uses, since it may be abandoned.
asio::awaitable<Reply> carry(std::shared_ptr<ssl::context> tls, HttpTarget target, Message message,
                             std::size_t reply_bytes) {
  const std::vector<tcp::endpoint> endpoints = co_await look_up(target);
  if (endpoints.empty()) co_return Silence::unresolved;
  const auto executor = co_await asio::this_coro::executor;
  tcp::socket socket(executor);
  error_code error;
  co_await asio::async_connect(socket, endpoints, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return Silence::refused;
  socket.set_option(tcp::no_delay(true), error);
  if (target.is_secure)
    co_return co_await converse_over_tls(std::move(socket), *tls, std::move(target),
                                         std::move(message), reply_bytes);
  co_return co_await converse(socket, message, reply_bytes);
}

}  // namespace

HttpTransport::HttpTransport(asio::any_io_executor executor, Sleep sleep,
                             std::unique_ptr<const Client> client)
    : executor_(std::move(executor)), sleep_(std::move(sleep)), client_(std::move(client)) {}

HttpTransport::~HttpTransport() = default;

Result<std::unique_ptr<HttpTransport>> HttpTransport::make(asio::any_io_executor executor,
                                                           Sleep sleep,
                                                           const HttpOptions& options) {
  auto allowed = AllowList::parse(options.allowed_hosts);
  if (!allowed) return allowed.error();
  auto client = std::make_unique<Client>();
  client->allowed = std::move(*allowed);
  SSL_CTX_set_min_proto_version(client->tls->native_handle(), TLS1_2_VERSION);
  error_code error;
  if (options.ca_file.empty())
    client->tls->set_default_verify_paths(error);
  else
    client->tls->load_verify_file(options.ca_file, error);
  if (error)
    return Problem{"",
                   "cannot read certificates from '" + options.ca_file + "': " + error.message()};
  return std::make_unique<HttpTransport>(std::move(executor), std::move(sleep), std::move(client));
}

asio::awaitable<Reply> HttpTransport::exchange(Request request, Limits limits) {
  const auto target = parse_target(request.url);
  if (!target || !is_sendable(request)) co_return Silence::malformed;
  if (!client_->allowed.allows(*target)) co_return Silence::refused;
  Message message = message_of(std::move(request), *target);
  auto work = carry(client_->tls, *target, std::move(message), limits.reply_bytes);
  auto timer = sleep_(limits.time_out);
  const auto reply = co_await unless(executor_, std::move(timer), std::move(work));
  if (!reply) co_return Silence::timed_out;
  co_return std::move(*reply);
}

}  // namespace readback::probes
