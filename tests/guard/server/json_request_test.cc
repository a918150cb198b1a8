#include "guard/server/json_request.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace readback::guard::server {
namespace {

std::string nested(std::size_t levels, const std::string& open, const std::string& close) {
  std::string text;
  for (std::size_t i = 0; i < levels; ++i) text += open;
  text += "1";
  for (std::size_t i = 0; i < levels; ++i) text += close;
  return text;
}

}  // namespace

TEST_SUITE("guard/server/json_request") {
  TEST_CASE("what is JSON is read as nlohmann reads it") {
    for (const std::string& text : std::vector<std::string>{
             "{}", "[]", "null", "true", "\"a\"", "-0", "1e-400", " \t\r\n[1,2]\n",
             R"({"context":{"targetingKey":"anna","a":[1,{"b":null}],"c":{"a":2}}})",
             "18446744073709551615", "-9223372036854775808", "1.7976931348623157e308",
             R"("😀\u0000\ud83d\ude00")", nested(16, "[", "]"), nested(16, "{\"a\":", "}")}) {
      CAPTURE(text);
      const auto read = read_json(text);
      REQUIRE(read.has_value());
      CHECK(*read == nlohmann::json::parse(text));
      CHECK(read->dump() == nlohmann::json::parse(text).dump());
    }
  }

  TEST_CASE("what is none, or could be read in two ways, is refused with a reason") {
    struct Row {
      std::string text;
      const char* why;
    };
    const Row rows[] = {
        {"", "no JSON at byte 1"},
        {" ", "no JSON at byte 2"},
        {"{", "no JSON at byte 2"},
        {"{} {}", "no JSON at byte 4"},
        {"[1,]", "no JSON at byte 4"},
        {"{'a':1}", "no JSON at byte 2"},
        {"// a\n{}", "no JSON at byte 1"},
        {"NaN", "no JSON at byte 1"},
        {"Infinity", "no JSON at byte 1"},
        {"01", "no JSON at byte 2"},
        {"+1", "no JSON at byte 1"},
        {"\"\xFF\"", "no JSON at byte 2"},
        {"\"\xC0\x80\"", "no JSON at byte 2"},
        {"\"\xED\xA0\x80\"", "no JSON at byte 3"},
        {"\"\\ud800\"", "no JSON at byte 8"},
        {"\"a\nb\"", "no JSON at byte 3"},
        {std::string("{}\0", 3), "no JSON at byte 3"},
        {std::string("{}\0{", 4), "no JSON at byte 3"},
        {std::string("\0", 1), "no JSON at byte 1"},
        {"1e999", "a number is out of range at byte 5"},
        {"[-1e999]", "a number is out of range at byte 7"},
        {"18446744073709551616", "a number is out of range"},
        {"-9223372036854775809", "a number is out of range"},
        {R"({"a":1,"a":1})", "an object has two equal keys"},
        {R"({"a":1,"\u0061":2})", "an object has two equal keys"},
        {R"([{"b":{"a":1,"c":2,"a":3}}])", "an object has two equal keys"},
        {nested(17, "[", "]"), "nested deeper than 16 levels"},
        {nested(17, "{\"a\":", "}"), "nested deeper than 16 levels"},
        {std::string(1'000'000, '['), "nested deeper than 16 levels"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.text.substr(0, 80));
      const auto read = read_json(row.text);
      REQUIRE_FALSE(read.has_value());
      CHECK(read.error().what == row.why);
    }
  }

  TEST_CASE("a refusal repeats nothing of the body") {
    for (const char* text : {"{\"name\":\"Anna Secret\"", "[\"Secret\xFF\"]", "{Secret:1}",
                             R"({"Secret":1,"Secret":2})"}) {
      CHECK(read_json(text).error().what.find("Secret") == std::string::npos);
    }
  }
}

}  // namespace readback::guard::server
