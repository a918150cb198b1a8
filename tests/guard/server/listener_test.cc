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
  co_return response;
}

asio::awaitable<Response> say_denied(Request request) {
  Response response;
  response.body = request.is_denied ? "denied" : "proven";
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

// So many pieces of a kind, and then the end or nothing more.
class Counted final : public Pieces {
 public:
  Counted(SystemClock& clock, int count, std::size_t size, bool ends, int& alive)
      : clock_(clock), left_(count), size_(size), ends_(ends), alive_(alive) {
    ++alive_;
  }
  ~Counted() override { --alive_; }
  asio::awaitable<std::string> next() override {
    if (left_-- > 0) co_return std::string(size_, 'e');
    if (!ends_) co_await clock_.sleep_for(1h);
    co_return std::string();
  }

 private:
  SystemClock& clock_;
  int left_;
  std::size_t size_;
  bool ends_;
  int& alive_;
};

struct Streaming {
  SystemClock& clock;
  int count;
  std::size_t size;
  bool ends;
  int& alive;
  asio::awaitable<Response> operator()(Request) const {
    Response response;
    response.content_type = "text/event-stream";
    response.pieces = std::make_unique<Counted>(clock, count, size, ends, alive);
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
        {"GET", "/three", Scope::open, Streaming{clock, 3, 5, true, streams}},
        {"GET", "/open-ended", Scope::open, Streaming{clock, 1, 5, false, streams}},
        {"GET", "/flood", Scope::open, Streaming{clock, 1'000'000, 4096, false, streams}},
        {"POST", "/lenient", Scope::evaluate_or_safe, say_denied},
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
  int streams = 0;  // that somebody serves
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

asio::awaitable<void> exchange_unix(std::string path, std::string text, std::string& reply) {
  const auto executor = co_await asio::this_coro::executor;
  Local::socket socket(executor);
  const Local::endpoint where(path);
  co_await socket.async_connect(where, asio::use_awaitable);
  co_await send(socket, std::move(text));
  boost::system::error_code error;
  reply = co_await receive_all(socket, error);
}

asio::awaitable<void> continue_with(tcp::endpoint where, std::string head, std::string body,
                                    std::string& interim, std::string& reply) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::socket socket(executor);
  co_await socket.async_connect(where, asio::use_awaitable);
  co_await send(socket, std::move(head));
  interim = co_await receive_until(socket, "\r\n\r\n");
  co_await send(socket, std::move(body));
  boost::system::error_code error;
  reply = co_await receive_all(socket, error);
}

asio::awaitable<void> trickle(tcp::endpoint where, SystemClock& clock, std::string& reply) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::socket socket(executor);
  co_await socket.async_connect(where, asio::use_awaitable);
  boost::system::error_code error;
  const std::string letter = "A";
  const auto buffer = asio::buffer(letter);
  while (!error) {
    co_await asio::async_write(socket, buffer, asio::redirect_error(asio::use_awaitable, error));
    co_await clock.sleep_for(20ms);
  }
  reply = co_await receive_all(socket, error);
}

asio::awaitable<void> pause_between(tcp::endpoint where, SystemClock& clock, int& status) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::socket socket(executor);
  co_await socket.async_connect(where, asio::use_awaitable);
  co_await send(socket, "GET /unchanged HTTP/1.1\r\nHost: a\r\n\r\n");
  co_await receive_until(socket, "\r\n\r\n");
  co_await clock.sleep_for(400ms);
  const std::string last = request("GET", "/open", "");
  co_await send(socket, last);
  boost::system::error_code error;
  const std::string reply = co_await receive_all(socket, error);
  status = status_of(reply);
}

// Asks for the large reply, and reads only when the server has given up.
asio::awaitable<void> read_late(tcp::endpoint where, Server& server,
                                boost::system::error_code& error, std::size_t& size) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::socket socket(executor);
  co_await socket.async_connect(where, asio::use_awaitable);
  const std::string text = request("GET", "/large", "");
  co_await send(socket, text);
  while (server.sent.empty()) co_await server.clock.sleep_for(10ms);
  const std::string reply = co_await receive_all(socket, error);
  size = reply.size();
}

// Opens a stream, reads its beginning, looks on while it is open, and leaves.
asio::awaitable<void> listen_and_leave(tcp::endpoint where, Server& server, std::string& beginning,
                                       int& open, int& others) {
  const auto executor = co_await asio::this_coro::executor;
  {
    tcp::socket socket(executor);
    co_await socket.async_connect(where, asio::use_awaitable);
    co_await send(socket, "GET /open-ended HTTP/1.1\r\nHost: a\r\n\r\n");
    beginning = co_await receive_until(socket, "eeeee");
    open = server.streams;
    // It takes no seat: as many as there are seats are served beside it.
    for (int i = 0; i < 5; ++i) {
      std::string reply;
      co_await exchange(where, request("GET", "/open", ""), reply);
      others += status_of(reply) == 200;
    }
  }
  while (server.streams > 0) co_await server.clock.sleep_for(5ms);
}

// Opens a stream that is never silent, and reads nothing of it.
asio::awaitable<void> take_nothing(tcp::endpoint where, Server& server,
                                   boost::system::error_code& error) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::socket socket(executor);
  socket.open(tcp::v4());
  socket.set_option(asio::socket_base::receive_buffer_size(4096));
  co_await socket.async_connect(where, asio::use_awaitable);
  co_await send(socket, "GET /flood HTTP/1.1\r\nHost: a\r\n\r\n");
  while (server.streams == 0) co_await server.clock.sleep_for(5ms);
  while (server.streams > 0) co_await server.clock.sleep_for(5ms);
  co_await receive_all(socket, error);
}

asio::awaitable<void> stay_among_strangers(tcp::endpoint where, int& status) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::socket known(executor);
  co_await known.async_connect(where, asio::use_awaitable);
  const std::string head = "POST /token HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + kToken +
                           "\r\nContent-Length: 0\r\n";
  co_await send(known, head + "\r\n");
  co_await receive_until(known, "POST /token  ");
  std::vector<tcp::socket> strangers;
  for (int i = 0; i < 9; ++i) {
    strangers.emplace_back(executor);
    co_await strangers.back().async_connect(where, asio::use_awaitable);
  }
  // Until those have been accepted, and one who comes after them is served.
  std::string other;
  co_await exchange(where, request("GET", "/open", ""), other);
  CHECK(status_of(other) == 200);
  co_await send(known, head + "Connection: close\r\n\r\n");
  boost::system::error_code error;
  const std::string reply = co_await receive_all(known, error);
  status = status_of(reply);
}

asio::awaitable<void> come_when_all_are_busy(tcp::endpoint where,
                                             boost::system::error_code& error) {
  const auto executor = co_await asio::this_coro::executor;
  std::vector<tcp::socket> busy;
  for (int i = 0; i < 2; ++i) {
    busy.emplace_back(executor);
    co_await busy.back().async_connect(where, asio::use_awaitable);
    co_await send(busy.back(), "GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  // Lets the server read: there is nothing of it to wait for.
  SystemClock clock;
  co_await clock.sleep_for(200ms);
  tcp::socket late(executor);
  co_await late.async_connect(where, asio::use_awaitable);
  co_await receive_all(late, error);
}

// A directory of its own, gone afterwards.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "readback-XXXXXX").string();
    root = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(root); }
  std::string path(const std::string& name) const { return (root / name).string(); }
  std::filesystem::path root;
};

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

  TEST_CASE("a sender that waits for it is told to go on, before and not after a refusal") {
    Server server;
    server.start_tcp();
    std::string interim;
    std::string reply;
    const std::string head =
        "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\n";
    run(server.io, continue_with(endpoint(server.port), head + "Content-Length: 3\r\n\r\n", "abc",
                                 interim, reply));
    CHECK(interim == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(body_of(reply) == "POST /echo  abc");
    CHECK(status_of(talk(server, head + "Content-Length: 65537\r\n\r\n")) == 413);
  }

  TEST_CASE("whoever is slow is cut off, wherever he dawdles, and disturbs nobody") {
    ListenerOptions options;
    options.first = options.header = options.body = options.idle = 200ms;
    Server server(options);
    server.start_tcp();
    const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\n";
    for (const std::string& sent :
         {std::string(), std::string("POST /echo"), post, post + "Content-Length: 3\r\n\r\nab",
          post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r"}) {
      CAPTURE(sent);
      CHECK(talk(server, sent).empty());
    }
    // Byte by byte, each in time: the deadline is for all of it.
    std::string trickled;
    run(server.io, trickle(endpoint(server.port), server.clock, trickled));
    CHECK(trickled.empty());
    // One that asked, was served and idles is closed without a word.
    const std::string served = talk(server, "GET /open HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(status_of(served) == 200);
    CHECK(body_of(served) == "GET /open  ");
  }

  TEST_CASE("a connection that was served stays longer than one that was not") {
    ListenerOptions options;
    options.first = options.header = options.body = 100ms;
    options.idle = 1h;
    Server server(options);
    server.start_tcp();
    int status = 0;
    run(server.io, pause_between(endpoint(server.port), server.clock, status));
    CHECK(status == 200);
  }

  // More than two socket buffers hold.
  constexpr std::size_t kLarge = std::size_t{32} << 20;

  TEST_CASE("a handler learns that its reply went out whole") {
    ListenerOptions options;
    options.write = 1h;
    Server server(options, kLarge);
    server.start_tcp();
    CHECK(body_of(talk(server, request("GET", "/large", ""))).size() == kLarge);
    CHECK(server.sent == std::vector<bool>{true});
  }

  TEST_CASE("a handler learns that its reply did not go out, and no client waits for the rest") {
    ListenerOptions options;
    options.write = 300ms;
    Server server(options, kLarge);
    server.start_tcp();
    boost::system::error_code error;
    std::size_t size = 0;
    run(server.io, read_late(endpoint(server.port), server, error, size));
    CHECK(error == asio::error::connection_reset);
    CHECK(size < kLarge);
    CHECK(server.sent == std::vector<bool>{false});
    CHECK(server.listener->counts().broken == 1);
  }

  TEST_CASE("pieces are sent as they come, without a length, and the connection is their end") {
    Server server;
    server.start_tcp();
    const std::string reply = talk(server, request("GET", "/three", ""));
    CHECK(status_of(reply) == 200);
    CHECK(reply.find("Content-Length") == reply.npos);
    CHECK(reply.find("Connection: close") != reply.npos);
    CHECK(reply.find("Content-Type: text/event-stream") != reply.npos);
    CHECK(body_of(reply) == "eeeeeeeeeeeeeee");
    CHECK(server.streams == 0);
  }

  TEST_CASE("a stream takes no seat of those who ask, and ends when its client leaves") {
    ListenerOptions options;
    options.connections = 1;
    Server server(options);
    server.start_tcp();
    std::string beginning;
    int open = 0, others = 0;
    run(server.io, listen_and_leave(endpoint(server.port), server, beginning, open, others));
    CHECK(beginning.ends_with("eeeee"));
    CHECK(open == 1);
    CHECK(others == 5);
  }

  TEST_CASE("a stream whose client takes nothing is reset") {
    ListenerOptions options;
    options.write = 200ms;
    Server server(options);
    server.start_tcp();
    boost::system::error_code error;
    run(server.io, take_nothing(endpoint(server.port), server, error));
    CHECK(error == asio::error::connection_reset);
    CHECK(server.listener->counts().broken == 1);
  }

  TEST_CASE("serving ends at once although streams are open") {
    Server server;
    server.start_tcp();
    tcp::socket client(server.io);
    client.connect(endpoint(server.port));
    run(server.io, send(client, "GET /open-ended HTTP/1.1\r\nHost: a\r\n\r\n"));
    while (server.streams == 0) server.io.run_one();
    server.stop.emit(asio::cancellation_type::terminal);
    while (!server.has_ended) server.io.run_one();
    CHECK(server.streams == 0);
  }

  TEST_CASE("a route that answers anybody is told who did not prove himself") {
    Server server;
    server.start_tcp();
    CHECK(body_of(talk(server, request("POST", "/lenient", ""))) == "denied");
    CHECK(body_of(talk(server, request("POST", "/lenient", "",
                                       "Authorization: Bearer wrong-0123456789\r\n"))) == "denied");
    CHECK(body_of(talk(server, request("POST", "/lenient", "",
                                       "Authorization: Bearer " + kToken + "\r\n"))) == "proven");
  }

  TEST_CASE("strangers who say nothing make room for others, and never cost a known client his") {
    ListenerOptions options;
    options.connections = 4;
    Server server(options);
    server.start_tcp();
    int status = 0;
    run(server.io, stay_among_strangers(endpoint(server.port), status));
    CHECK(status == 200);
    CHECK(server.listener->counts().evicted >= 6);
    CHECK(server.listener->counts().turned_away == 0);
  }

  TEST_CASE("when all are busy a new one is turned away, and the busy ones are not") {
    ListenerOptions options;
    options.connections = 2;
    Server server(options);
    server.start_tcp();
    boost::system::error_code error;
    run(server.io, come_when_all_are_busy(endpoint(server.port), error));
    CHECK(error == asio::error::connection_reset);
    CHECK(server.listener->counts().turned_away == 1);
    CHECK(server.listener->counts().evicted == 0);
  }
}

TEST_SUITE("guard/server/listener") {
  TEST_CASE("over a Unix socket the kernel's word on the caller lets him operate") {
    const Folder folder;
    Server server;
    REQUIRE(server.listener->bind_unix(folder.path("socket")).has_value());
    server.start();
    struct stat file {};
    REQUIRE(stat(folder.path("socket").c_str(), &file) == 0);
    CHECK((file.st_mode & 07777) == 0660);
    std::string reply;
    run(server.io, exchange_unix(folder.path("socket"), request("POST", "/operate", "x"), reply));
    CHECK(body_of(reply) == "POST /operate  x");
  }

  TEST_CASE("a stale socket is replaced, a live one and any other file are not") {
    const Folder folder;
    const std::string path = folder.path("socket");
    {
      asio::io_context io(1);
      Local::acceptor stale(io, Local::endpoint(path));
    }
    Server server;
    REQUIRE(server.listener->bind_unix(path).has_value());
    Server second;
    const auto live = second.listener->bind_unix(path);
    REQUIRE(live.has_error());
    CHECK(live.error().what.find("another process") != std::string::npos);
    std::ofstream(folder.path("file")) << "kept";
    CHECK(second.listener->bind_unix(folder.path("file")).has_error());
    CHECK(std::filesystem::file_size(folder.path("file")) == 4);
    CHECK(second.listener->bind_unix(folder.path(std::string(200, 'x'))).has_error());
    CHECK(second.listener->bind_unix(folder.path("none/socket")).has_error());
    server.listener.reset();
    CHECK_FALSE(std::filesystem::exists(path));
    server.has_ended = second.has_ended = true;  // They never began.
  }

  TEST_CASE("an address that is taken or none is a problem that says so") {
    Server server;
    server.start_tcp();
    Server second;
    const auto taken = second.listener->bind_tcp("127.0.0.1", server.port);
    REQUIRE(taken.has_error());
    CHECK(taken.error().what.find("cannot listen") != std::string::npos);
    CHECK(second.listener->bind_tcp("localhost", 0).has_error());
    CHECK(second.listener->bind_tcp("192.0.2.1", 0).has_error());
    second.has_ended = true;
  }

  TEST_CASE("serving ends at once when cancelled, whatever its connections are at") {
    Server server;
    server.start_tcp();
    asio::ip::tcp::socket idle(server.io);
    asio::ip::tcp::socket waiting(server.io);
    idle.connect(endpoint(server.port));
    waiting.connect(endpoint(server.port));
    const std::string stuck = "GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n";
    asio::write(waiting, asio::buffer(stuck));
    while (server.listener->counts().accepted < 2) server.io.run_one();
    server.io.poll();
    server.stop.emit(asio::cancellation_type::terminal);
    server.io.restart();
    server.io.run();
    CHECK(server.has_ended);
    CHECK(server.failures.empty());
  }
}
