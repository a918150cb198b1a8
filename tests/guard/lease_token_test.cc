#include "guard/lease_token.h"

#include <doctest/doctest.h>

#include <set>

namespace readback::guard {

TEST_SUITE("guard/lease_token") {
  TEST_CASE("a token is pinned: applications check it in other languages") {
    // Made by configs/recipes/python/write_gate.py:  mac("k" * 32, "notes-editor-v2", "dr-martin",
    // "new", 3, 1800000045000)
    CHECK(sign_lease(std::string(32, 'k'),
                     {"notes-editor-v2", "dr-martin", "new", 3, WallTime(1'800'000'045'000)}) ==
          "1.3.1800000045000.11ea3e3e4757ed8db2813e57f97508bdf6c7850eea3b865344d66d31d9365d73");
  }

  TEST_CASE("whatever differs gives another token, and no two lists of fields give the same") {
    const LeaseClaim claim{"flag", "who", "new", 1, WallTime(5'000)};
    std::set<std::string> tokens{sign_lease("key", claim)};
    std::size_t count = 1;
    const auto differs = [&](const std::string& key, const LeaseClaim& other) {
      tokens.insert(sign_lease(key, other));
      CHECK(tokens.size() == ++count);
    };
    differs("kez", claim);
    differs("key", {"flags", "who", "new", 1, WallTime(5'000)});
    differs("key", {"flag", "whom", "new", 1, WallTime(5'000)});
    differs("key", {"flag", "who", "ne", 1, WallTime(5'000)});
    differs("key", {"flag", "who", "new", 2, WallTime(5'000)});
    differs("key", {"flag", "who", "new", 1, WallTime(10'000)});
    differs("key", {"fl", "agwho", "new", 1, WallTime(5'000)});
    differs("key", {"flag", "whonew", "", 1, WallTime(5'000)});
  }
}

}  // namespace readback::guard
