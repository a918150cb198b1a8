#include "guard/server/listener.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "guard/system_clock.h"
#include "tests/loopback.h"

using namespace readback;
using namespace readback::guard;
using namespace readback::guard::server;
using namespace readback::loopback;
using namespace std::chrono_literals;

namespace {

const std::string kToken = "0123456789abcdef";

asio::awaitable<Response> echo(Request request) {
  Response response;
  response.content_type = "text/plain";
  response.body = request.method + " " + request.path + " " + request.query + " " + request.body;
  if (request.peer_uid) response.body += " from " + std::to_string(*request.peer_uid);
  co_return response;
}

asio::awaitable<Response> fail(Request) {
  throw std::runtime_error("secret detail");
  co_return Response{};
}

asio::awaitable<Response> split(Request request) {
  Response response;
  response.headers.emplace_back("X", "a\r\nInjected: b");
  response.body = request.body;
  co_return response;
}

asio::awaitable<Response> unchanged(Request request) {
  Response response;
  response.status = 304;
  response.headers.emplace_back("ETag", "\"1\"");
  response.body = "must not be sent" + request.body;
  co_return response;
}

struct Large {
  std::vector<bool>& sent;
  std::size_t size;
  asio::awaitable<Response> operator()(Request request) const {
    Response response;
    response.body.assign(size, 'x');
    response.body += request.body;
    response.when_sent = [&sent = sent](bool is_whole) { sent.push_back(is_whole); };
    co_return response;
  }
};

struct Stuck {
  SystemClock& clock;
  asio::awaitable<Response> operator()(Request) const {
    co_await clock.sleep_for(1h);
    co_return Response{};
  }
};

// A listener that runs, and what its clients need.
struct Server {
  explicit Server(ListenerOptions options = {}, std::size_t large = 1000)
      : authenticator(geteuid(), getegid()) {
    options.on_failure = [this](std::string_view what) { failures.emplace_back(what); };
    authenticator.set_tokens({kToken});
    std::vector<Route> routes{
        {"POST", "/echo", Scope::open, echo},
        {"GET", "/open", Scope::open, echo},
        {"GET", "/one/*", Scope::open, echo},
        {"POST", "/token", Scope::evaluate, echo},
        {"POST", "/operate", Scope::operate, echo},
        {"POST", "/fail", Scope::open, fail},
        {"POST", "/split", Scope::open, split},
        {"GET", "/unchanged", Scope::open, unchanged},
        {"GET", "/large", Scope::open, Large{sent, large}},
        {"GET", "/stuck", Scope::open, Stuck{clock}},
    };
    listener.emplace(io.get_executor(), clock, authenticator, std::move(routes), options);
  }

  void start_tcp() {
    const auto bound = listener->bind_tcp("127.0.0.1", 0);
    REQUIRE(bound.has_value());
    port = *bound;
    start();
  }

  void start() {
    asio::co_spawn(io, listener->serve(),
                   asio::bind_cancellation_slot(
                       stop.slot(), [this](const std::exception_ptr&) { has_ended = true; }));
  }

  ~Server() {
    stop.emit(asio::cancellation_type::terminal);
    io.restart();
    io.run();  // Ends only if every connection has.
    CHECK(has_ended);
  }

  asio::io_context io{1};
  SystemClock clock;
  Authenticator authenticator;
  std::vector<std::string> failures;
  std::vector<bool> sent;
  std::optional<Listener> listener;
  std::uint16_t port = 0;
  asio::cancellation_signal stop;
  bool has_ended = false;
};

asio::awaitable<void> exchange(tcp::endpoint where, std::string text, std::string& reply) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::socket socket(executor);
  co_await socket.async_connect(where, asio::use_awaitable);
  co_await send(socket, std::move(text));
  boost::system::error_code error;
  reply = co_await receive_all(socket, error);
  CHECK(error == asio::error::eof);
}

std::string talk(Server& server, const std::string& text) {
  std::string reply;
  run(server.io, exchange(endpoint(server.port), text, reply));
  return reply;
}

std::string request(const std::string& method, const std::string& target, const std::string& body,
                    const std::string& headers = "") {
  return method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

int status_of(const std::string& reply) {
  return reply.starts_with("HTTP/1.1 ") ? std::stoi(reply.substr(9, 3)) : 0;
}

std::string body_of(const std::string& reply) {
  return reply.substr(reply.find("\r\n\r\n") + 4);
}

}  // namespace

TEST_SUITE("guard/server/listener") {
  TEST_CASE("each request gets the answer that its path, method and caller deserve") {
    Server server;
    server.start_tcp();
    struct Row {
      const char* method;
      const char* target;
      std::string headers;
      int status;
    };
    const Row rows[] = {
        {"POST", "/echo", "", 200},
        {"POST", "/echo?a=b", "", 200},
        {"GET", "/open", "", 200},
        {"HEAD", "/open", "", 200},
        {"GET", "/one/a%2Fb", "", 200},
        {"GET", "/one/", "", 404},
        {"GET", "/one/a/b", "", 404},
        {"GET", "/nothing", "", 404},
        {"POST", "/open", "", 405},
        {"PUT", "/echo", "", 405},
        {"POST", "/token", "", 401},
        {"POST", "/token", "Authorization: Bearer 0123456789abcdeF\r\n", 401},
        {"POST", "/token", "Authorization: Basic " + kToken + "\r\n", 401},
        {"POST", "/token", "Authorization: Bearer \r\n", 401},
        {"POST", "/token", "Authorization: Bearer " + kToken + "\r\n", 200},
        {"POST", "/token", "authorization: bearer " + kToken + "\r\n", 200},
        {"POST", "/token", "X-API-Key: " + kToken + "\r\n", 200},
        {"POST", "/operate", "Authorization: Bearer " + kToken + "\r\n", 403},
        {"POST", "/fail", "", 500},
        {"POST", "/split", "", 500},
        {"GET", "/../open", "", 400},
        {"BREW", "/echo", "", 501},
    };
    for (const Row& row : rows) {
      CAPTURE(row.method);
      CAPTURE(row.target);
      CAPTURE(row.headers);
      const std::string reply = talk(server, request(row.method, row.target, "", row.headers));
      CHECK(status_of(reply) == row.status);
      if (row.status < 400) continue;
      const auto body = nlohmann::json::parse(body_of(reply));
      CHECK(reply.find("Content-Type: application/json\r\n") != reply.npos);
      CHECK(body["metadata"] == nlohmann::json::object());
      CHECK(body["errorDetails"].is_string());
      CHECK_FALSE(body.contains("value"));
      CHECK(reply.find("secret") == reply.npos);
    }
    CHECK(server.failures.size() == 2);
    CHECK(server.failures.front() == "secret detail");
  }

  TEST_CASE("a body over 64 KiB is answered with 413 though the sender goes on sending") {
    Server server;
    server.start_tcp();
    const std::string reply = talk(server, request("POST", "/echo", std::string(200'000, 'x')));
    CHECK(status_of(reply) == 413);
    CHECK(nlohmann::json::parse(body_of(reply))["metadata"].is_object());
    CHECK(server.listener->counts().refused == 1);
  }

  TEST_CASE("HEAD is answered as GET without the body, and 304 without body or length") {
    Server server;
    server.start_tcp();
    const std::string head = talk(server, request("HEAD", "/open", ""));
    CHECK(head.find("Content-Length: 12\r\n") != head.npos);
    CHECK(body_of(head).empty());
    const std::string unchanged = talk(server, request("GET", "/unchanged", ""));
    CHECK(status_of(unchanged) == 304);
    CHECK(unchanged.find("ETag: \"1\"\r\n") != unchanged.npos);
    CHECK(unchanged.find("Content-Length") == unchanged.npos);
    CHECK(body_of(unchanged).empty());
  }

  TEST_CASE("requests in one piece are answered in order on one connection") {
    Server server;
    server.start_tcp();
    const std::string one = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n";
    const std::string reply = talk(server, one + "1" + one + "2" + request("POST", "/echo", "3"));
    const std::size_t first = reply.find("POST /echo  1");
    const std::size_t second = reply.find("POST /echo  2");
    const std::size_t third = reply.find("POST /echo  3");
    CHECK(first < second);
    CHECK(second < third);
    CHECK(third != reply.npos);
    CHECK(server.listener->counts().replies == 3);
  }
}
