#include "guard/server/event_streams.h"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <memory>
#include <set>

#include "tests/simulation/world.h"

namespace readback::guard::server {
namespace {
using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr simulation::Node kNode = 1;

struct Counting final : Entropy {
  std::uint64_t draw() override { return ++drawn; }
  std::uint64_t drawn = 0;
};

// What one client got, with the time of each piece in milliseconds.
struct Listening {
  std::vector<std::pair<long, std::string>> pieces;
  bool is_over = false;

  std::vector<long> events() const {
    std::vector<long> times;
    for (const auto& [at, piece] : pieces)
      if (piece.find("refetchEvaluation") != piece.npos) times.push_back(at);
    return times;
  }
  std::size_t comments() const {
    std::size_t count = 0;
    for (const auto& [at, piece] : pieces) count += piece.starts_with(":");
    return count;
  }
};

class Streams {
 public:
  explicit Streams(EventStreams::Options options = {})
      : tokens("key"), streams(world.executor(kNode), clock, tokens, options) {
    streams.refetch_every(16s);
    asio::co_spawn(world.executor(kNode), streams.run(), [](std::exception_ptr) {});
  }

  // Streams are outlived by what they are streams of.
  ~Streams() { world.crash(kNode); }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  Response get(const std::string& token, const std::string& method = "GET") {
    Request request;
    request.method = method;
    request.path = EventStreams::path(token);
    Response response;
    bool is_done = false;
    asio::co_spawn(world.executor(kNode), streams.route().handler(std::move(request)),
                   [&](std::exception_ptr thrown, Response answer) {
                     CHECK_FALSE(thrown);
                     response = std::move(answer);
                     is_done = true;
                   });
    while (!is_done) REQUIRE(world.step());
    return response;
  }

  // Listens until the world ends.
  void take(Response response, Listening& into) {
    asio::co_spawn(world.executor(kNode), collect(std::move(response), world, into),
                   [](std::exception_ptr) {});
  }
  void listen(const std::string& token, Listening& into) { take(get(token), into); }

  void until(Duration time) {
    while (world.now().time_since_epoch() < time && world.step()) continue;
  }

  // The client asks after each event, as a page does, and is told that it holds the newest answer.
  void fetch_at(Duration time, const std::string& token, bool is_newest) {
    until(time);
    streams.fetched(token, is_newest);
  }

  std::string token() { return tokens.issue(entropy); }

  simulation::World world{1};
  simulation::SimulatedClock clock{world};
  Counting entropy;
  ClientTokens tokens;
  EventStreams streams;

 private:
  static asio::awaitable<void> collect(Response response, simulation::World& world,
                                       Listening& into) {
    for (;;) {
      std::string piece = co_await response.pieces->next();
      const auto at = std::chrono::floor<std::chrono::milliseconds>(world.now().time_since_epoch());
      into.pieces.emplace_back(at.count(), std::move(piece));
    }
  }
};

}  // namespace

TEST_SUITE("guard/server/event_streams") {
  TEST_CASE("the first thing on a connection is to ask again, and it is repeated with back-off") {
    Streams house;
    Listening client;
    const std::string token = house.token();
    house.listen(token, client);
    house.until(60s);
    REQUIRE(client.pieces.size() > 2);
    CHECK(client.pieces[0].second.starts_with("retry: "));
    CHECK(client.pieces[1].second == "data: {\"type\":\"refetchEvaluation\"}\n\n");
    // 1, 2, 4, 8 s apart and then as often as everybody is asked; sent to a quarter of a second.
    CHECK(client.events() == std::vector<long>{0, 1000, 3000, 7000, 15000, 31000, 47000});
  }

  TEST_CASE("who holds the newest answer is left alone until the heartbeat, and then asked again") {
    Streams house;
    Listening client;
    const std::string token = house.token();
    house.listen(token, client);
    house.fetch_at(100ms, token, false);
    house.fetch_at(1200ms, token, true);
    house.until(12s);
    CHECK(client.events().size() == 2);
    house.until(18s);
    CHECK(client.events().size() > 2);
    CHECK(client.events()[2] >= 13'000);
  }

  TEST_CASE("less is served: everybody is told at once, whatever he was told before") {
    Streams house;
    Listening a, b;
    const std::string first = house.token(), second = house.token();
    house.listen(first, a);
    house.listen(second, b);
    house.fetch_at(100ms, first, true);
    house.until(5100ms);
    const std::size_t before_a = a.events().size(), before_b = b.events().size();
    house.streams.narrowed();
    house.until(5600ms);
    REQUIRE(a.events().size() == before_a + 1);
    REQUIRE(b.events().size() == before_b + 1);
    CHECK(a.events().back() <= 5350);
    // Repeated from the beginning of the back-off on.
    house.until(6900ms);
    CHECK(a.events().size() == before_a + 2);
    CHECK(b.events().size() == before_b + 2);
  }

  TEST_CASE("between events a comment shows that the stream is alive") {
    Streams house({.comment = 2s});
    Listening client;
    const std::string token = house.token();
    house.listen(token, client);
    house.fetch_at(100ms, token, true);
    house.until(9s);
    CHECK(client.events().size() == 1);
    CHECK(client.comments() == 4);
  }

  TEST_CASE("two pages of one client are both asked until the back-off is at its end") {
    Streams house;
    Listening a, b;
    const std::string token = house.token();
    house.listen(token, a);
    house.listen(token, b);
    CHECK(house.streams.open_for(token) == 2);
    house.fetch_at(100ms, token, true);  // One of them: nobody knows which.
    house.until(8s);
    CHECK(a.events().size() == 4);
    CHECK(b.events().size() == 4);
  }

  TEST_CASE("a token that is not ours opens nothing, and HEAD neither") {
    Streams house;
    CHECK(house.get(std::string(64, '0')).status == 404);
    CHECK(house.get("x").status == 404);
    const Response head = house.get(house.token(), "HEAD");
    CHECK(head.status == 200);
    CHECK_FALSE(head.pieces);
    CHECK(house.streams.open() == 0);
  }

  TEST_CASE("streams are bounded, in all and of one client, and one that ends makes room") {
    Streams house({.streams = 3, .of_one_client = 2});
    const std::string token = house.token();
    std::vector<Response> open;
    open.push_back(house.get(token));
    open.push_back(house.get(token));
    const Response third = house.get(token);
    CHECK(third.status == 503);
    CHECK_FALSE(third.pieces);
    bool has_retry = false;
    for (const auto& [name, value] : third.headers)
      has_retry |= name == "Retry-After" && value == "1";
    CHECK(has_retry);
    open.push_back(house.get(house.token()));
    CHECK(house.get(house.token()).status == 503);
    CHECK(house.streams.refused() == 2);
    open.pop_back();
    CHECK(house.get(house.token()).status == 200);
    CHECK(house.streams.open() == 2);  // The last one was dropped at once.
  }

  TEST_CASE("what waits for a client that takes nothing is bounded") {
    Streams house;
    const std::string token = house.token();
    Response response = house.get(token);
    for (int i = 0; i < 1'000; ++i) house.streams.narrowed();
    Listening client;
    house.take(std::move(response), client);
    house.until(100ms);
    CHECK(client.pieces.size() == 4);
    CHECK(client.events().size() == 3);
  }

  TEST_CASE("heartbeats of many clients do not come at one moment") {
    Streams house;
    std::vector<Listening> clients(64);
    for (Listening& client : clients) {
      const std::string token = house.token();
      house.listen(token, client);
      house.streams.fetched(token, true);
    }
    house.until(17s);
    std::set<long> seconds;
    for (const Listening& client : clients) {
      REQUIRE(client.events().size() > 1);
      seconds.insert(client.events()[1] / 1000);
    }
    CHECK(seconds.size() >= 4);
  }
}

}  // namespace readback::guard::server
