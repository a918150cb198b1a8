#include "guard/server/client_token.h"

#include <doctest/doctest.h>

namespace readback::guard::server {
namespace {

struct Counting final : Entropy {
  std::uint64_t draw() override { return ++drawn; }
  std::uint64_t drawn = 0;
};

// Made by:  printf 'client token 10000000000000002000000000000000' |
//           openssl dgst -sha256 -hmac kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk | cut -c1-32  (of the
//           digest)
const std::string kPinned = "1000000000000000200000000000000036a94eecc6dadb22824b8df5ee17871c";

}  // namespace

TEST_SUITE("guard/server/client_token") {
  TEST_CASE("a token is known by its key alone, also after a restart") {
    Counting entropy;
    const ClientTokens tokens(std::string(32, 'k'));
    const std::string token = tokens.issue(entropy);
    CHECK(token == kPinned);
    CHECK(ClientTokens(std::string(32, 'k')).is_ours(token));
    CHECK_FALSE(ClientTokens(std::string(32, 'l')).is_ours(token));
    CHECK(tokens.issue(entropy) != token);
  }

  TEST_CASE("a token that differs in any digit, or in its length, is none") {
    Counting entropy;
    const ClientTokens tokens("key");
    const std::string token = tokens.issue(entropy);
    for (std::size_t i = 0; i < token.size(); ++i) {
      std::string other = token;
      other[i] = other[i] == 'a' ? 'b' : 'a';
      CHECK_FALSE(tokens.is_ours(other));
    }
    std::string upper = token;
    for (char& digit : upper) digit = static_cast<char>(std::toupper(digit));
    for (const std::string& other :
         {std::string(), token.substr(1), token + "0", token + token, upper})
      CHECK_FALSE(tokens.is_ours(other));
  }

  TEST_CASE("a client is known by the first of its tags that bears a token of ours") {
    Counting entropy;
    const ClientTokens tokens("key");
    const std::string token = tokens.issue(entropy);
    const std::string digest(64, 'd');
    const std::string tag = '"' + token + '-' + digest + '"';
    for (const std::string& header :
         {tag, "W/" + tag, "\"x\", " + tag, "\"" + digest + "\"," + tag, tag + ", \"y\""}) {
      CAPTURE(header);
      const auto shown = tokens.read(header);
      REQUIRE(shown.has_value());
      CHECK(shown->token == token);
      CHECK(shown->tag == tag);
    }
    const std::string foreign = '"' + ClientTokens("other").issue(entropy) + '-' + digest + '"';
    for (const std::string& header :
         {std::string(), std::string("*"), std::string("\""), std::string("\"\""), foreign,
          tag.substr(1), tag.substr(0, tag.size() - 1), '"' + token + digest + '"',
          '"' + token + '"', '"' + token + '-' + std::string(64, 'x') + '"',
          '"' + token + '-' + digest + "d\""}) {
      CAPTURE(header);
      CHECK_FALSE(tokens.read(header).has_value());
    }
  }
}

}  // namespace readback::guard::server
