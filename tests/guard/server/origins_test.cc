#include "guard/server/origins.h"

#include <doctest/doctest.h>

#include <map>

namespace readback::guard::server {
namespace {

std::string header(const Response& response, const std::string& wanted) {
  for (const auto& [name, value] : response.headers)
    if (name == wanted) return value;
  return {};
}

Request asks_before(const std::string& origin) {
  Request request;
  request.method = "OPTIONS";
  request.headers = {{"origin", origin}, {"access-control-request-method", "POST"}};
  return request;
}

}  // namespace

TEST_SUITE("guard/server/origins") {
  TEST_CASE("a page that is listed may ask, read the tag, and send what providers send") {
    Origins origins;
    origins.set({"https://app.example", "http://localhost:3000"});
    const auto preflight = origins.preflight(asks_before("https://app.example"));
    REQUIRE(preflight.has_value());
    CHECK(preflight->status == 204);
    CHECK(header(*preflight, "Access-Control-Allow-Methods") == "GET, POST");
    CHECK(header(*preflight, "Access-Control-Allow-Headers") ==
          "content-type, if-none-match, authorization, x-api-key");
    Response response;
    origins.allow(response, "http://localhost:3000");
    CHECK(header(response, "Access-Control-Allow-Origin") == "http://localhost:3000");
    CHECK(header(response, "Access-Control-Expose-Headers") == "ETag, Retry-After");
    CHECK(header(response, "Vary") == "Origin");
  }

  TEST_CASE("no other page may, however alike it looks") {
    Origins origins;
    origins.set({"https://app.example"});
    for (const char* origin : {"", "null", "http://app.example", "https://app.example:443",
                               "https://app.example.evil", "https://app.example/", "*"}) {
      CAPTURE(origin);
      CHECK_FALSE(origins.preflight(asks_before(origin)).has_value());
      Response response;
      origins.allow(response, origin);
      CHECK(header(response, "Access-Control-Allow-Origin") == "");
      CHECK(header(response, "Vary") == "Origin");
    }
  }

  TEST_CASE("any page may where that is said, and none where nothing is") {
    Origins origins;
    CHECK_FALSE(origins.preflight(asks_before("https://app.example")).has_value());
    Response untouched;
    origins.allow(untouched, "https://app.example");
    CHECK(untouched.headers.empty());
    origins.set({"*"});
    CHECK(origins.preflight(asks_before("https://any.example")).has_value());
    CHECK_FALSE(origins.preflight(asks_before("")).has_value());
  }

  TEST_CASE("OPTIONS that is no question of a browser is left to the routes") {
    Origins origins;
    origins.set({"*"});
    Request request = asks_before("https://app.example");
    request.headers.pop_back();
    CHECK_FALSE(origins.preflight(request).has_value());
    request = asks_before("https://app.example");
    request.method = "POST";
    CHECK_FALSE(origins.preflight(request).has_value());
  }
}

}  // namespace readback::guard::server
