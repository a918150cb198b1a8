#include "guard/server/request_reader.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace readback::guard::server;
using Stage = RequestReader::Stage;

namespace {

// 200: taken; else the status of the refusal; 0: more is needed.
int outcome(const RequestReader& reader) {
  if (reader.stage() == Stage::refused) return reader.refusal().status;
  return reader.stage() == Stage::whole ? 200 : 0;
}

int outcome_of(std::string_view text, std::size_t piece) {
  RequestReader reader({});
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
    reader.feed(text.substr(0, piece));
  return outcome(reader);
}

std::string post(const std::string& headers, const std::string& body) {
  return "POST /a HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
}

std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

struct Row {
  std::string what;
  std::string text;
  int status;
};

const std::string kChunked = "Transfer-Encoding: chunked\r\n";
const std::string kLarge(std::size_t{64} << 10, 'x');

const std::vector<Row> kRows{
    {"a path", get("/a"), 200},
    {"a query", get("/a?b=c&d"), 200},
    {"an encoded slash", get("/a%2Fb"), 200},
    {"a dot in a name", get("/a.b..c/...."), 200},
    {"HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", 200},
    {"a Host with port", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200},
    {"an empty body", post("Content-Length: 0\r\n", ""), 200},
    {"a body with bare line feeds", post("Content-Length: 3\r\n", "a\n\n"), 200},
    {"a body", post("Content-Length: 3\r\n", "abc"), 200},
    {"chunks", post(kChunked, "3\r\nabc\r\n0\r\n\r\n"), 200},
    {"chunks in any case", post("TRANSFER-encoding: CHUNKED\r\n", "0\r\n\r\n"), 200},
    {"a trailer", post(kChunked, "0\r\nA: b\r\n\r\n"), 200},
    {"the largest body", post("Content-Length: 65536\r\n", kLarge), 200},
    {"a large header", post("A: " + std::string(16'000, 'x') + "\r\n", ""), 200},
    {"half a header", "GET / HTTP/1.1\r\nHost: a\r\n", 0},
    {"half a body", post("Content-Length: 3\r\n", "ab"), 0},

    {"one length twice", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400},
    {"a list of lengths", post("Content-Length: 3, 3\r\n", "abc"), 400},
    {"two lengths", post("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"), 400},
    {"a signed length", post("Content-Length: +3\r\n", "abc"), 400},
    {"a length beside chunks", post("Content-Length: 3\r\n" + kChunked, "abc"), 400},
    {"chunks beside a length", post(kChunked + "Content-Length: 3\r\n", "0\r\n\r\n"), 400},
    {"an unknown coding", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501},
    {"a coding before chunks", post("Transfer-Encoding: gzip, chunked\r\n", ""), 501},
    {"chunks twice", post(kChunked + kChunked, "0\r\n\r\n"), 400},
    {"identity", post("Transfer-Encoding: identity\r\n", ""), 501},
    {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\n" + kChunked + "\r\n0\r\n\r\n", 400},
    {"a chunk extension", post(kChunked, "3;a=b\r\nabc\r\n0\r\n\r\n"), 400},
    {"a last chunk with extension", post(kChunked, "0;a\r\n\r\n"), 400},
    {"a chunk of no size", post(kChunked, "xyz\r\n"), 400},
    {"a chunk too large for a number", post(kChunked, "fffffffffffffffff\r\n"), 400},
    {"a folded line", post("A: b\r\n c\r\n", ""), 400},
    {"a line folded by a tab", post("A: b\r\n\tc\r\n", ""), 400},
    {"a folded first header", "GET / HTTP/1.1\r\n A: b\r\nHost: a\r\n\r\n", 400},
    {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
    {"a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"a Host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
    {"a blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
    {"bare line feeds", "GET / HTTP/1.1\nHost: a\n\n", 400},
    {"a leading line", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a dot segment", get("/a/../b"), 400},
    {"a single dot", get("/./b"), 400},
    {"a dot at the end", get("/a/."), 400},
    {"an encoded dot segment", get("/a/%2e%2E/b"), 400},
    {"an encoded dot", get("/a%2eb"), 400},
    {"an absolute form", get("http://a/b"), 400},
    {"an authority form", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"an asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a fragment", get("/a#b"), 400},
    {"raw UTF-8", get("/\xc3\xa4"), 400},
    {"half an escape", get("/a%2"), 400},
    {"an unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
    {"a method in lower case", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
    {"a bad method", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a newer HTTP", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
    {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400},
    {"an unknown expectation", post("Expect: tea\r\n", ""), 417},
    {"a body over the limit", post("Content-Length: 65537\r\n", ""), 413},
    {"a huge length", post("Content-Length: 18446744073709551615\r\n", ""), 413},
    {"a length that is no number", post("Content-Length: 18446744073709551616\r\n", ""), 400},
    {"chunks over the limit", post(kChunked, "10001\r\n" + kLarge + "x\r\n0\r\n\r\n"), 413},
    {"a header over the limit", post("A: " + std::string(17'000, 'x') + "\r\n", ""), 431},
    {"a header without end", "GET / HTTP/1.1\r\nA: " + std::string(17'000, 'x'), 431},
    {"an endless target", "GET /" + std::string(17'000, 'x'), 431},
    {"an endless trailer", post(kChunked, "0\r\nA: " + std::string(17'000, 'x')), 400},
    {"an endless chunk header", post(kChunked, std::string(17'000, '0')), 400},
};

}  // namespace

TEST_SUITE("guard/server/request_reader") {
  TEST_CASE("what is taken and what is refused does not depend on how it is cut") {
    for (const Row& row : kRows)
      for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{7}, std::size_t{1}}) {
        CAPTURE(row.what);
        CAPTURE(piece);
        CHECK(outcome_of(row.text, piece) == row.status);
      }
  }

  TEST_CASE("a request is read as it was sent") {
    RequestReader reader({});
    reader.feed("POST /a%20b/c?d=e?f HTTP/1.1\r\nHost: a\r\nX-Mixed:  Case \r\n" + kChunked +
                "\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n");
    REQUIRE(reader.stage() == Stage::whole);
    const Request& request = reader.request();
    CHECK(request.method == "POST");
    CHECK(request.path == "/a%20b/c");
    CHECK(request.query == "d=e?f");
    CHECK(request.body == "abcde");
    CHECK(request.header("x-mixed") == "Case");
    CHECK_FALSE(request.header("X-Mixed"));
    CHECK_FALSE(request.header("x-trailer"));
    CHECK(reader.keeps_alive());
  }

  TEST_CASE("requests in one piece are read one after the other, up to the first refused one") {
    RequestReader reader({});
    reader.feed(post("Content-Length: 3\r\n", "abc") + get("/second") + get("/../third") +
                get("/fourth"));
    REQUIRE(reader.stage() == Stage::whole);
    CHECK(reader.request().body == "abc");
    REQUIRE(reader.next() == Stage::whole);
    CHECK(reader.request().path == "/second");
    CHECK(reader.request().body.empty());
    CHECK(reader.next() == Stage::refused);
    CHECK(reader.feed(get("/fifth")) == Stage::refused);
  }

  TEST_CASE("whether the connection is kept is the sender's wish") {
    struct Kept {
      const char* head;
      bool is_kept;
    };
    for (const Kept& row :
         {Kept{"GET / HTTP/1.1\r\nHost: a\r\n", true},
          Kept{"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n", false},
          Kept{"GET / HTTP/1.0\r\nHost: a\r\n", false},
          Kept{"GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n", true}}) {
      RequestReader reader({});
      reader.feed(std::string(row.head) + "\r\n");
      CAPTURE(row.head);
      CHECK(reader.stage() == Stage::whole);
      CHECK(reader.keeps_alive() == row.is_kept);
    }
  }

  TEST_CASE("a sender that holds its body back is told to go on, another one is not") {
    const std::string head = "Expect: 100-continue\r\nContent-Length: 3\r\n";
    RequestReader holding({});
    CHECK(holding.feed(post(head, "")) == Stage::body);
    CHECK(holding.expects_continue());
    RequestReader hasty({});
    CHECK(hasty.feed(post(head, "a")) == Stage::body);
    CHECK_FALSE(hasty.expects_continue());
    RequestReader old({});
    old.feed("POST / HTTP/1.0\r\nHost: a\r\n" + head + "\r\n");
    CHECK(old.stage() == Stage::body);
    CHECK_FALSE(old.expects_continue());
  }
}
