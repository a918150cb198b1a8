#include "probes/token.h"

#include <doctest/doctest.h>

#include <cctype>
#include <set>

namespace readback::probes {

TEST_SUITE("probes/token") {
  TEST_CASE("tokens and tails are pinned: a text must be made again by a later release") {
    // By another hand:
    //   A = "0123456789abcdefghjkmnpqrstvwxyz"
    //   d = lambda v, n: "".join(A[v >> 5 * i & 31] for i in reversed(range(n)))
    //   h = lambda p, bits: int.from_bytes(hashlib.sha256(p).digest()[:8], "big") >> 64 - bits
    //   v = h(b"readback.token\0" + b"1\0interview", 55); "rb" + d(v, 11) + d(v % 1021, 2)
    //   d(h(b"readback.tail\0" + b"1\0interview", 40), 8)
    CHECK(token(1, "interview") == "rbsr4nssrk5bc1j");
    CHECK(token(18'446'744'073'709'551'615u, "") == "rb76zg0rx5ydews");
    CHECK(tail(1, "interview") == "sn67b9k6");
  }

  TEST_CASE("a token is found in whatever surrounds it, and nothing else is taken for one") {
    const std::string own = token(7, "conclusion");
    const std::string other = token(8, "conclusion");
    using Found = std::vector<std::string>;
    CHECK(find_tokens(own) == Found{own});
    CHECK(find_tokens("<p>" + own + "</p>") == Found{own});
    CHECK(find_tokens("rb" + own + other + "rb") == Found{own, other});
    CHECK(find_tokens(own + " x " + own) == Found{own, own});
    std::string loud = own;
    for (char& c : loud) c = static_cast<char>(std::toupper(c));
    CHECK(find_tokens("\xF0\x9F\x90\x98" + loud) == Found{own});

    for (const std::string& text :
         {std::string(), std::string("rb"), own.substr(0, kTokenLength - 1), own.substr(1),
          std::string("rbcdefghjkmnpqrst"), "rb " + own.substr(2)}) {
      CAPTURE(text);
      CHECK(find_tokens(text).empty());
    }
  }

  TEST_CASE("a token with any one digit changed is none") {
    const std::string own = token(7, "conclusion");
    for (std::size_t i = 0; i < own.size(); ++i) {
      std::string damaged = own;
      damaged[i] = damaged[i] == 'x' ? 'y' : 'x';
      CAPTURE(damaged);
      CHECK(find_tokens(damaged).empty());
    }
  }

  TEST_CASE("each seed and each field has a token of its own") {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
      for (const char* field : {"", "interview", "exam_report", "conclusion"}) {
        CHECK(seen.insert(token(seed, field)).second);
      }
    }
  }
}

}  // namespace readback::probes
