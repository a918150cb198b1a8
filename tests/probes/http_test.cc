#include "probes/http.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ssl.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>

#include "guard/system_clock.h"
#include "tests/loopback.h"
#include "tests/probes/certificates.h"

using namespace readback;
using namespace readback::loopback;
using namespace std::chrono_literals;
namespace ssl = asio::ssl;
using probes::HttpOptions;
using probes::HttpTransport;
using probes::Limits;
using probes::Reply;
using probes::Request;
using probes::Silence;

namespace {

// What the application does once it has read a request's header.
enum class Then { close, reset, hold, flood, trickle };

struct Script {
  std::string what;
  std::string reply;
  Then then;
  std::string outcome;  // of the exchange: status and body, or the silence
};

struct Application {
  explicit Application(asio::io_context& io)
      : acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}

  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + path;
  }

  tcp::acceptor acceptor;
  guard::SystemClock clock;
  std::string seen;  // of the request: at least its header
};

asio::awaitable<void> misbehave(tcp::socket& socket, Then then, guard::SystemClock& clock) {
  boost::system::error_code error;
  const std::string piece(then == Then::flood ? 1 << 16 : 1, 'x');
  const auto buffer = asio::buffer(piece);
  while (!error && (then == Then::flood || then == Then::trickle)) {
    co_await asio::async_write(socket, buffer, asio::redirect_error(asio::use_awaitable, error));
    if (then == Then::trickle) co_await clock.sleep_for(5ms);
  }
  if (then == Then::reset) socket.set_option(asio::socket_base::linger(true, 0), error);
  if (then == Then::hold) co_await clock.sleep_for(1h);
}

asio::awaitable<void> serve(Application& application, const Script& script) {
  tcp::socket socket = co_await application.acceptor.async_accept(asio::use_awaitable);
  application.seen = co_await receive_until(socket, "\r\n\r\n");
  co_await send(socket, script.reply);
  co_await misbehave(socket, script.then, application.clock);
}

asio::awaitable<void> exchange(HttpTransport& transport, Request request, Limits limits,
                               std::optional<Reply>& reply) {
  reply = co_await transport.exchange(std::move(request), limits);
}

HttpTransport::Sleep sleep_with(guard::SystemClock& clock) {
  return [&clock](std::chrono::milliseconds time) { return clock.sleep_for(time); };
}

std::string text(const std::optional<Reply>& reply) {
  if (!reply) return "none";
  if (!*reply) return std::string(to_string(reply->error()));
  return std::to_string((*reply)->status) + (*reply)->body;
}

std::unique_ptr<HttpTransport> transport_on(asio::io_context& io, guard::SystemClock& clock,
                                            HttpOptions options) {
  auto made = HttpTransport::make(io.get_executor(), sleep_with(clock), options);
  REQUIRE(made.has_value());
  return std::move(*made);
}

Request get(const std::string& url) {
  Request request;
  request.method = "GET";
  request.url = url;
  return request;
}

// What an exchange with an application that follows the script comes to.
std::string outcome_of(const Script& script, Limits limits, Request request = get("")) {
  asio::io_context io(1);
  Application application(io);
  const auto transport = transport_on(io, application.clock, {{"127.0.0.1"}, ""});
  if (request.url.empty()) request.url = application.url();
  asio::cancellation_signal stop;
  asio::co_spawn(io, serve(application, script),
                 asio::bind_cancellation_slot(stop.slot(), [](const std::exception_ptr&) {}));
  std::optional<Reply> reply;
  run(io, exchange(*transport, std::move(request), limits, reply));
  stop.emit(asio::cancellation_type::terminal);
  io.restart();
  io.run();
  return text(reply);
}

const std::string kOk = "HTTP/1.1 200 OK\r\n";

}  // namespace

TEST_SUITE("probes/http") {
  TEST_CASE("hostile replies end as silence, and honest ones arrive") {
    const Script scripts[] = {
        {"an answer", kOk + "Content-Length: 2\r\n\r\nok", Then::close, "200ok"},
        {"an answer on a connection that stays", kOk + "Content-Length: 2\r\n\r\nok", Then::hold,
         "200ok"},
        {"an answer up to the end", kOk + "\r\nok", Then::close, "200ok"},
        {"a redirect", "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
         Then::close, "302"},
        {"100 MB announced", kOk + "Content-Length: 104857600\r\n\r\n", Then::flood, "too_large"},
        {"100 MB unannounced", kOk + "\r\n", Then::flood, "too_large"},
        {"an endless header", kOk + "A: ", Then::flood, "too_large"},
        {"an endless trickle", kOk + "\r\n", Then::trickle, "timed_out"},
        {"an endless trickle of a header", kOk + "A: ", Then::trickle, "timed_out"},
        {"silence", "", Then::hold, "timed_out"},
        {"half a body and silence", kOk + "Content-Length: 9\r\n\r\nok", Then::hold, "timed_out"},
        {"half a body", kOk + "Content-Length: 9\r\n\r\nok", Then::close, "cut_off"},
        {"half a body and a reset", kOk + "Content-Length: 9\r\n\r\nok", Then::reset, "cut_off"},
        {"an end", "", Then::close, "cut_off"},
        {"a reset", "", Then::reset, "cut_off"},
        {"garbage", "SSH-2.0-OpenSSH_9.2\r\n", Then::close, "malformed"},
    };
    for (const Script& script : scripts) {
      CAPTURE(script.what);
      CHECK(outcome_of(script, {std::chrono::milliseconds(400), 100'000}) == script.outcome);
    }
  }

  TEST_CASE("an answer that comes before the request was read whole is taken") {
    Request request = get("");
    request.method = "POST";
    request.body.assign(8'000'000, 'x');
    const Script script{"", "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", Then::close, ""};
    const std::string outcome = outcome_of(script, {}, std::move(request));
    // The reset may overtake the answer; never is it a success.
    CHECK((outcome == "413" || outcome == "cut_off"));
  }

  TEST_CASE("nothing is sent to a host that is not allowed, and nothing that would become other") {
    Request injected = get("");
    injected.headers.emplace_back("A", "b\r\nC: d");
    const Script script{"", kOk + "Content-Length: 0\r\n\r\n", Then::close, ""};
    CHECK(outcome_of(script, {}, std::move(injected)) == "malformed");
    CHECK(outcome_of(script, {}, get("http://localhost:1/")) == "refused");
    CHECK(outcome_of(script, {}, get("nonsense")) == "malformed");
  }

  TEST_CASE("a port at which nobody listens is refused") {
    asio::io_context io(1);
    std::string url;
    {
      Application gone(io);
      url = gone.url();
    }
    guard::SystemClock clock;
    const auto transport = transport_on(io, clock, {{"127.0.0.1", "name.invalid"}, ""});
    std::optional<Reply> reply;
    run(io, exchange(*transport, get(url), {}, reply));
    CHECK(text(reply) == "refused");
    run(io, exchange(*transport, get("http://name.invalid/"), {}, reply));
    CHECK((text(reply) == "unresolved" || text(reply) == "timed_out"));
  }

  TEST_CASE("the request says what it was told to say, but for its framing") {
    asio::io_context io(1);
    Application application(io);
    const auto transport = transport_on(io, application.clock, {{"127.0.0.1"}, ""});
    Request request{"POST", application.url("/a%2Fb?c=d"), {}, "{}"};
    request.headers = {{"Authorization", "Bearer t"},
                       {"content-length", "7"},
                       {"Transfer-Encoding", "chunked"},
                       {"Connection", "keep-alive"},
                       {"Host", "notes.example"},
                       {"X", "1"},
                       {"X", "2"}};
    const Script script{"", kOk + "Content-Length: 0\r\n\r\n", Then::close, ""};
    asio::co_spawn(io, serve(application, script), [](const std::exception_ptr&) {});
    std::optional<Reply> reply;
    run(io, exchange(*transport, std::move(request), {}, reply));
    CHECK(text(reply) == "200");
    const std::string& seen = application.seen;
    CAPTURE(seen);
    CHECK(seen.starts_with("POST /a%2Fb?c=d HTTP/1.1\r\n"));
    for (const char* part : {"\r\nHost: notes.example\r\n", "\r\nContent-Length: 2\r\n",
                             "\r\nConnection: close\r\n", "\r\nAuthorization: Bearer t\r\n",
                             "\r\nX: 1\r\n", "\r\nX: 2\r\n", "\r\nUser-Agent: readback/"})
      CHECK(seen.find(part) != seen.npos);
    CHECK(seen.find("chunked") == seen.npos);
    CHECK(seen.find("keep-alive") == seen.npos);
  }
}

namespace {

asio::awaitable<void> serve_over_tls(Application& application, ssl::context& tls, bool cuts) {
  tcp::socket socket = co_await application.acceptor.async_accept(asio::use_awaitable);
  ssl::stream<tcp::socket> stream(std::move(socket), tls);
  co_await stream.async_handshake(ssl::stream_base::server, asio::use_awaitable);
  application.seen = co_await receive_until(stream, "\r\n\r\n");
  const std::string reply = kOk + "\r\nsecret";
  co_await send(stream, reply);
  // Without the closing alert, a body that ends with the connection may have been cut by anybody.
  if (!cuts) co_await stream.async_shutdown(asio::use_awaitable);
}

struct TlsRow {
  std::string what;
  std::string certified;
  int days_left;
  std::string asked;
  bool is_trusted;
  bool cuts;
  std::string outcome;
};

std::string outcome_over_tls(const TlsRow& row) {
  const Certificates made = make_certificates(row.certified, row.days_left);
  asio::io_context io(1);
  Application application(io);
  ssl::context tls(ssl::context::tls_server);
  tls.use_certificate(asio::buffer(made.certificate), ssl::context::pem);
  tls.use_private_key(asio::buffer(made.key), ssl::context::pem);
  const auto file =
      std::filesystem::temp_directory_path() / ("readback-ca-" + std::to_string(getpid()) + ".pem");
  std::ofstream(file) << (row.is_trusted ? made : make_certificates("other")).authority;
  const auto transport =
      transport_on(io, application.clock, {{"127.0.0.1", "localhost"}, file.string()});
  std::filesystem::remove(file);
  asio::co_spawn(io, serve_over_tls(application, tls, row.cuts), [](const std::exception_ptr&) {});
  const std::string url = "https://" + row.asked + ":" +
                          std::to_string(application.acceptor.local_endpoint().port()) + "/";
  std::optional<Reply> reply;
  run(io, exchange(*transport, get(url), {}, reply));
  return text(reply);
}

}  // namespace

TEST_SUITE("probes/http") {
  TEST_CASE("a certificate must be of the authority, of the host, and of today") {
    const TlsRow rows[] = {
        {"a name", "localhost", 1, "localhost", true, false, "200secret"},
        {"an address", "127.0.0.1", 1, "127.0.0.1", true, false, "200secret"},
        {"another name", "notes.example", 1, "localhost", true, false, "untrusted"},
        {"another address", "127.0.0.2", 1, "127.0.0.1", true, false, "untrusted"},
        {"expired", "localhost", -1, "localhost", true, false, "untrusted"},
        {"of another authority", "localhost", 1, "localhost", false, false, "untrusted"},
        {"cut without the closing alert", "localhost", 1, "localhost", true, true, "cut_off"},
    };
    for (const TlsRow& row : rows) {
      CAPTURE(row.what);
      CHECK(outcome_over_tls(row) == row.outcome);
    }
  }

  TEST_CASE("a file that holds no certificates is a problem at once") {
    asio::io_context io(1);
    guard::SystemClock clock;
    for (const char* file : {"/nonexistent", "/dev/null"}) {
      const auto made = HttpTransport::make(io.get_executor(), sleep_with(clock), {{"a"}, file});
      CHECK_FALSE(made.has_value());
    }
  }

  TEST_CASE("an exchange that is cancelled ends at once") {
    asio::io_context io(1);
    Application application(io);
    const auto transport = transport_on(io, application.clock, {{"127.0.0.1"}, ""});
    const Script script{"", "", Then::hold, ""};
    asio::cancellation_signal stop_server;
    asio::cancellation_signal stop_client;
    bool was_cancelled = false;
    std::optional<Reply> reply;
    asio::co_spawn(
        io, serve(application, script),
        asio::bind_cancellation_slot(stop_server.slot(), [](const std::exception_ptr&) {}));
    asio::co_spawn(
        io, exchange(*transport, get(application.url()), {}, reply),
        asio::bind_cancellation_slot(stop_client.slot(), [&](const std::exception_ptr& failure) {
          was_cancelled = failure != nullptr;
        }));
    while (application.seen.empty()) io.run_one();
    stop_client.emit(asio::cancellation_type::terminal);
    stop_server.emit(asio::cancellation_type::terminal);
    io.run();
    CHECK(was_cancelled);
    CHECK_FALSE(reply);
  }

  TEST_CASE("an exchange whose context ends is freed") {
    auto alive = std::make_shared<int>(1);
    std::optional<Reply> reply;
    {
      asio::io_context io(1);
      Application application(io);
      const auto transport = transport_on(io, application.clock, {{"127.0.0.1"}, ""});
      asio::co_spawn(io, exchange(*transport, get(application.url()), {}, reply),
                     [alive](const std::exception_ptr&) {});
      io.poll();
      CHECK(alive.use_count() == 2);
    }
    CHECK(alive.use_count() == 1);
    CHECK_FALSE(reply);
  }
}
