#include "guard/server/stamps.h"

#include <doctest/doctest.h>

#include "guard/lease_token.h"

namespace readback::guard::server {
namespace {
using namespace std::chrono_literals;
using nlohmann::json;

flags::Flag editor() {
  flags::Flag flag;
  flag.key = "editor";
  flag.variants = {{"old", false}, {"new", true}};
  flag.safe = "old";
  flag.treatment = "new";
  return flag;
}

flags::Evaluation treatment(const flags::Flag& flag) {
  flags::Evaluation evaluation = flags::serve_safe(flag);
  evaluation.variant = &flag.variant("new");
  evaluation.lease_until = 1'800'000'045s;
  return evaluation;
}

}  // namespace

TEST_SUITE("guard/server/stamps") {
  TEST_CASE("a control answer carries nothing that could change") {
    Stamps stamps([](const std::string&) { return Stamps::Known{3, WallTime(7s)}; });
    stamps.set_key("key");
    const flags::Flag flag = editor();
    CHECK(stamps.metadata(flags::serve_safe(flag), "anna") == json::object());
  }

  TEST_CASE("treatment carries the lease's end, its proof, and up to when writes are proven") {
    std::string asked;
    Stamps stamps([&](const std::string& flag) {
      asked = flag;
      return Stamps::Known{3, WallTime(1'800'000'004'999)};
    });
    stamps.set_key("key");
    const flags::Flag flag = editor();
    CHECK(stamps.metadata(treatment(flag), "anna") ==
          json{{"leaseUntilMs", 1'800'000'045'000},
               {"leaseToken", sign_lease("key", {"editor", "anna", "new", 3, 1'800'000'045s})},
               {"provenUntilMs", 1'800'000'000'000}});
    CHECK(asked == "editor");
  }

  TEST_CASE("without a key there is no token, and without proof no such moment") {
    const Stamps stamps([](const std::string&) { return Stamps::Known(); });
    const flags::Flag flag = editor();
    CHECK(stamps.metadata(treatment(flag), "anna") == json{{"leaseUntilMs", 1'800'000'045'000}});
  }
}

}  // namespace readback::guard::server
