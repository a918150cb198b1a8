#include "probes/http_target.h"

#include <doctest/doctest.h>

#include <string>

using namespace readback::probes;

TEST_SUITE("probes/http_target") {
  TEST_CASE("a URL names a host, a port and a resource, or is refused") {
    struct Row {
      std::string url;
      std::string expected;  // host port resource authority; empty: refused
    };
    const Row rows[] = {
        {"http://a", "a 80 / a"},
        {"http://A.b/", "a.b 80 / a.b"},
        {"https://a/b?c=d", "a 443 /b?c=d a"},
        {"https://a:8443?c", "a 8443 /?c a:8443"},
        {"http://a:80/x", "a 80 /x a"},
        {"http://a:/x", "a 80 /x a"},
        {"http://127.0.0.1:81/b%2Fc", "127.0.0.1 81 /b%2Fc 127.0.0.1:81"},
        {"http://[::1]:81/", "::1 81 / [::1]:81"},
        {"http://a/b#c", "a 80 /b a"},
        {"HTTP://a/", "a 80 / a"},
        {"ftp://a/", ""},
        {"http:///b", ""},
        {"//a/b", ""},
        {"/b", ""},
        {"", ""},
        {"http://user@a/", ""},
        {"http://a:0/", ""},
        {"http://a:65536/", ""},
        {"http://a:b/", ""},
        {"http://a/b c", ""},
        {"http://a/b\r\nInjected: c", ""},
        {"http://a/\xc3\xa4", ""},
    };
    for (const Row& row : rows) {
      CAPTURE(row.url);
      const auto target = parse_target(row.url);
      std::string found;
      if (target)
        found = target->host + " " + std::to_string(target->port) + " " + target->resource + " " +
                target->authority;
      CHECK(found == row.expected);
    }
  }

  TEST_CASE("only a host that is listed is allowed, on the port that is listed if there is one") {
    const auto list = AllowList::parse({"Notes.example", "b:8080", "[::1]:81", "127.0.0.1"});
    REQUIRE(list.has_value());
    struct Row {
      std::string url;
      bool is_allowed;
    };
    const Row rows[] = {
        {"http://notes.example/", true},
        {"https://NOTES.example:9/", true},
        {"http://b:8080/", true},
        {"http://[::1]:81/", true},
        {"http://127.0.0.1:4000/", true},
        {"http://b/", false},
        {"http://b:8081/", false},
        {"http://[::1]/", false},
        {"http://a.notes.example/", false},
        {"http://notes.example.evil/", false},
        {"http://xnotes.example/", false},
        {"http://localhost/", false},
        {"http://169.254.169.254/meta", false},
        {"http://notes.example./", false},
    };
    for (const Row& row : rows) {
      CAPTURE(row.url);
      CHECK(list->allows(*parse_target(row.url)) == row.is_allowed);
    }
  }

  TEST_CASE("what is no host or host and port is refused as an entry") {
    for (const std::string entry : {"", "a/b", "http://a", "a:0", "a:99999", "u@a", "a b", ":80"}) {
      CAPTURE(entry);
      CHECK_FALSE(AllowList::parse({entry}).has_value());
    }
  }

  TEST_CASE("a method or header that would become something else is not sendable") {
    struct Row {
      Request request;
      bool is_sendable;
    };
    const Row rows[] = {
        {{"POST", "", {{"Content-Type", "text/plain; a=\"\xc3\xa4\"\t"}}, ""}, true},
        {{"PROPFIND", "", {}, ""}, true},
        {{"", "", {}, ""}, false},
        {{"GET /", "", {}, ""}, false},
        {{"GET", "", {{"", "a"}}, ""}, false},
        {{"GET", "", {{"A:", "a"}}, ""}, false},
        {{"GET", "", {{"A\r\nB", "a"}}, ""}, false},
        {{"GET", "", {{"A", "a\r\nB: c"}}, ""}, false},
        {{"GET", "", {{"A", "a\n"}}, ""}, false},
        {{"GET", "", {{"A", std::string("a\0b", 3)}}, ""}, false},
    };
    for (const Row& row : rows) {
      CAPTURE(row.request.method);
      CHECK(is_sendable(row.request) == row.is_sendable);
    }
  }
}
