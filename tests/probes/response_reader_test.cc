#include "probes/response_reader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace readback::probes;

namespace {

enum class End { open, orderly, abrupt };

struct Row {
  std::string what;
  std::string text;
  End end;
  std::string outcome;  // a status, a silence, or "" while more is needed
};

std::string outcome_of(const Row& row, std::size_t piece) {
  ResponseReader reader(100, true);
  for (std::string_view text = row.text; !text.empty();
       text.remove_prefix(std::min(piece, text.size())))
    reader.feed(text.substr(0, piece));
  if (row.end != End::open) reader.end(row.end == End::orderly);
  if (!reader.outcome()) return "";
  const Reply& reply = *reader.outcome();
  return reply ? std::to_string(reply->status) + reply->body
               : std::string(to_string(reply.error()));
}

std::string ok(const std::string& headers, const std::string& body) {
  return "HTTP/1.1 200 OK\r\n" + headers + "\r\n" + body;
}

const std::string kChunked = "Transfer-Encoding: chunked\r\n";
const std::string kLong(200, 'x');

const std::vector<Row> kRows{
    {"a body", ok("Content-Length: 3\r\n", "abc"), End::open, "200abc"},
    {"a body and more", ok("Content-Length: 3\r\n", "abcdef"), End::open, "200abc"},
    {"no body", ok("Content-Length: 0\r\n", ""), End::open, "200"},
    {"no content", "HTTP/1.1 204 No Content\r\n\r\n", End::open, "204"},
    {"chunks", ok(kChunked, "2;a=b\r\nab\r\n1\r\nc\r\n0\r\nT: t\r\n\r\n"), End::open, "200abc"},
    {"no chunk", ok(kChunked, "0\r\n\r\n"), End::open, "200"},
    {"a body up to the end", ok("", "abc"), End::orderly, "200abc"},
    {"a body before the end", ok("", "abc"), End::open, ""},
    {"an interim response",
     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" +
         ok("Content-Length: 1\r\n", "a"),
     End::open, "200a"},
    {"a redirect, which is no more than that",
     "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n", End::open, "302"},
    {"a failure", "HTTP/1.1 500 Oops\r\nContent-Length: 1\r\n\r\nx", End::open, "500x"},
    {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", End::open, "200a"},

    {"nothing", "", End::orderly, "cut_off"},
    {"a reset at once", "", End::abrupt, "cut_off"},
    {"half a header", "HTTP/1.1 200 OK\r\nA: ", End::orderly, "cut_off"},
    {"half a body", ok("Content-Length: 9\r\n", "abc"), End::orderly, "cut_off"},
    {"half the chunks", ok(kChunked, "3\r\nabc\r\n"), End::orderly, "cut_off"},
    {"chunks cut in their end", ok(kChunked, "0\r\n\r"), End::orderly, "cut_off"},
    {"a body up to a reset", ok("", "abc"), End::abrupt, "cut_off"},
    {"a body announced too large", ok("Content-Length: 101\r\n", ""), End::open, "too_large"},
    {"a body announced far too large", ok("Content-Length: 104857600\r\n", ""), End::open,
     "too_large"},
    {"chunks too large", ok(kChunked, "65\r\n" + kLong), End::open, "too_large"},
    {"an endless body", ok("", kLong), End::open, "too_large"},
    {"an endless header", "HTTP/1.1 200 OK\r\nA: " + std::string(40'000, 'x'), End::open,
     "too_large"},
    {"an endless chunk header", ok(kChunked, std::string(40'000, '0')), End::open, "too_large"},
    {"garbage", "garbage in here\r\n\r\n", End::open, "malformed"},
    {"another protocol's bytes", "\x15\x03\x03\x02\r\n\r\n", End::orderly, "malformed"},
    {"two lengths", ok("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), End::open,
     "malformed"},
    {"a list of lengths", ok("Content-Length: 3, 3\r\n", "abc"), End::open, "malformed"},
    {"an unknown coding", ok("Transfer-Encoding: xchunked\r\n", ""), End::orderly, "malformed"},
    {"a coding before chunks", ok("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), End::open,
     "malformed"},
    {"chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\n" + kChunked + "\r\n0\r\n\r\n", End::open,
     "malformed"},
    {"a length beside chunks", ok("Content-Length: 3\r\n" + kChunked, "0\r\n\r\n"), End::open,
     "malformed"},
    {"another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", End::open,
     "malformed"},
    {"a status that is none", "HTTP/1.1 700 What\r\nContent-Length: 0\r\n\r\n", End::open,
     "malformed"},
    {"a chunk of no size", ok(kChunked, "xyz\r\n\r\n"), End::open, "malformed"},
};

}  // namespace

TEST_SUITE("probes/response_reader") {
  TEST_CASE("what an answer comes to does not depend on how it is cut") {
    for (const Row& row : kRows)
      for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{7}, std::size_t{1}}) {
        CAPTURE(row.what);
        CAPTURE(piece);
        CHECK(outcome_of(row, piece) == row.outcome);
      }
  }

  TEST_CASE("interim responses have a bound") {
    ResponseReader reader(100, true);
    for (int i = 0; i < ResponseReader::kInterimResponses; ++i)
      reader.feed("HTTP/1.1 103 Early Hints\r\n\r\n");
    CHECK_FALSE(reader.outcome());
    reader.feed("HTTP/1.1 103 Early Hints\r\n\r\n");
    REQUIRE(reader.outcome());
    CHECK(reader.outcome()->error() == Silence::malformed);
  }

  TEST_CASE("the answer to HEAD has no body whatever its length says") {
    ResponseReader reader(100, false);
    reader.feed(ok("Content-Length: 104857600\r\nETag: \"a\"\r\n", ""));
    REQUIRE(reader.outcome());
    REQUIRE(reader.outcome()->has_value());
    CHECK((*reader.outcome())->header("etag") == "\"a\"");
  }
}
