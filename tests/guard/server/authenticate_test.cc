#include "guard/server/authenticate.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace readback::guard;
using namespace readback::guard::server;

TEST_SUITE("guard/server/authenticate") {
  TEST_CASE("a token proves evaluate and nothing else, and a peer is let in by uid or group") {
    Authenticator authenticator(1000, 2000);
    authenticator.set_tokens({"old-token-of-them", "new-token-of-them"});
    Request none;
    Request good;
    good.headers = {{"authorization", "Bearer new-token-of-them"}};
    Request old;
    old.headers = {{"x-api-key", "old-token-of-them"}};
    Request bad;
    bad.headers = {{"authorization", "Bearer new-token-of-the"}};
    const Peer root{0, {0}};
    const Peer self{1000, {1}};
    const Peer member{1001, {1, 2000}};
    const Peer stranger{1002, {1, 2001}};
    struct Row {
      Scope scope;
      const Request& request;
      std::optional<Peer> peer;
      int denied;
    };
    const Row rows[] = {
        {Scope::open, none, std::nullopt, 0},
        {Scope::open, none, stranger, 0},
        {Scope::evaluate, none, std::nullopt, 401},
        {Scope::evaluate, bad, std::nullopt, 401},
        {Scope::evaluate, good, std::nullopt, 0},
        {Scope::evaluate, old, std::nullopt, 0},
        {Scope::operate, none, std::nullopt, 403},
        {Scope::operate, good, std::nullopt, 403},
        {Scope::operate, none, root, 0},
        {Scope::operate, none, self, 0},
        {Scope::operate, none, member, 0},
        {Scope::operate, none, stranger, 403},
        {Scope::operate, good, stranger, 403},
        {Scope::evaluate, none, member, 0},
        {Scope::evaluate, none, stranger, 403},
    };
    for (const Row& row : rows) {
      CAPTURE(static_cast<int>(row.scope));
      CHECK(authenticator.denies(row.scope, row.request, row.peer) == row.denied);
    }
    authenticator.set_tokens({});
    CHECK(authenticator.denies(Scope::evaluate, good, std::nullopt) == 401);
  }

  TEST_CASE("a token file holds one to eight long tokens, one a line") {
    const std::string token = "0123456789abcdef";
    struct Row {
      std::string text;
      std::size_t tokens;  // 0: refused
    };
    const Row rows[] = {
        {token, 1},
        {token + "\n", 1},
        {"\r\n  " + token + " \r\n\n" + token + "x\n", 2},
        {"", 0},
        {"\n \n", 0},
        {"0123456789abcde", 0},
        {"0123456789 abcdef", 0},
        {"0123456789abcde\xc3\xa4", 0},
        {token + std::string(1, '\0'), 0},
        {token + "\n" + token + "\n" + token + "\n" + token + "\n" + token + "\n" + token + "\n" +
             token + "\n" + token + "\n" + token + "\n",
         0},
    };
    for (const Row& row : rows) {
      CAPTURE(row.text);
      const auto tokens = parse_tokens(row.text);
      CHECK((tokens ? tokens->size() : 0) == row.tokens);
    }
  }

  TEST_CASE("a token file that can't be read is a problem that names it") {
    const auto file =
        std::filesystem::temp_directory_path() / ("readback-token-" + std::to_string(getpid()));
    std::ofstream(file) << "0123456789abcdef\n";
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    CHECK(load_tokens(file.string()).has_error());
    CHECK(read_tokens(file.string()).has_value());
    std::filesystem::permissions(file, std::filesystem::perms(0640));
    CHECK(load_tokens(file.string()).has_value());
    std::ofstream(file) << std::string(20'000, 'x');
    for (const std::string& path : {file.string(), std::string("/nonexistent"), std::string("/")}) {
      const auto tokens = load_tokens(path);
      REQUIRE(tokens.has_error());
      CHECK(tokens.error().where == path);
    }
    std::filesystem::remove(file);
  }

  TEST_CASE("the kernel names the peer of a Unix socket, and none of another one") {
    int pair[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    const auto peer = peer_of(pair[0]);
    REQUIRE(peer.has_value());
    CHECK(peer->uid == geteuid());
    CHECK(peer->groups.front() == getegid());
    close(pair[0]);
    close(pair[1]);
    const int tcp = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_FALSE(peer_of(tcp).has_value());
    close(tcp);
    CHECK_FALSE(peer_of(-1).has_value());
  }
}
