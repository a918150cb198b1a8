#include "probes/template.h"

#include <doctest/doctest.h>

using namespace readback::probes;
using nlohmann::json;

namespace {

std::optional<json> find(std::string_view name) {
  static const std::map<std::string, json, std::less<>> kValues = {
      {"visit", "v-1"},
      {"revision", 7},
      {"flag", true},
      {"text:interview", "a \"b\" \\ \n 💊 ${visit} & </x>"},
      {"slashes", "../a/b?c=d&e#f%2e é"},
      {"dots", ".."},
      {"empty", ""},
      {"lines", "a\r\nEvil: 1"},
      {"object", json::object()},
      {"null", nullptr},
  };
  const auto found = kValues.find(name);
  return found == kValues.end() ? std::nullopt : std::optional(found->second);
}

std::string url_or_problem(std::string_view url) {
  const auto filled = fill_url("http://127.0.0.1:8090/api/", url, find);
  return filled ? *filled : "! " + filled.error().what;
}

}  // namespace

TEST_SUITE("probes/template") {
  TEST_CASE("placeholders are found in order, and what is no placeholder is refused") {
    struct Row {
      const char* text;
      std::vector<std::string> names;
      const char* problem;
    };
    const Row rows[] = {
        {"", {}, nullptr},
        {"plain $ {x} }", {}, nullptr},
        {"/visits/${visit}/${a}-${visit}", {"visit", "a", "visit"}, nullptr},
        {"${text:exam_report}", {"text:exam_report"}, nullptr},
        {"${visit", {}, "a placeholder has no closing brace"},
        {"${}", {}, "'' is no name"},
        {"${a b}", {}, "'a b' is no name"},
        {"${a:b:c}", {}, "'a:b:c' is no name"},
        {"${${visit}}", {}, "'${visit' is no name"},
    };
    for (const auto& row : rows) {
      CAPTURE(row.text);
      const auto names = placeholders(row.text);
      REQUIRE(names.has_value() == (row.problem == nullptr));
      if (names) CHECK(*names == row.names);
      if (!names) CHECK(names.error().what == row.problem);
    }
  }

  TEST_CASE("no value breaks out of its place in a url") {
    struct Row {
      const char* url;
      const char* expected;
    };
    const Row rows[] = {
        {"/visits/${visit}/notes", "http://127.0.0.1:8090/api/visits/v-1/notes"},
        {"/visits/${revision}?all=${flag}", "http://127.0.0.1:8090/api/visits/7?all=true"},
        {"/visits/${slashes}",
         "http://127.0.0.1:8090/api/visits/..%2Fa%2Fb%3Fc%3Dd%26e%23f%252e%20%C3%A9"},
        {"/search?q=${slashes}&x=1",
         "http://127.0.0.1:8090/api/search?q=..%2Fa%2Fb%3Fc%3Dd%26e%23f%252e%20%C3%A9&x=1"},
        {"/search?q=${text:interview}",
         "http://127.0.0.1:8090/api/search?q=a%20%22b%22%20%5C%20%0A%20%F0%9F%92%8A%20%24%7Bvisit"
         "%7D%20%26%20%3C%2Fx%3E"},
        {"/search?q=${empty}", "http://127.0.0.1:8090/api/search?q="},
        {"/visits/${dots}/notes", "! a value does not fit into a segment of the url"},
        {"/visits/${empty}/notes", "! a value does not fit into a segment of the url"},
        {"/visits/${unknown}", "! 'unknown' has no value"},
        {"/visits/${object}", "! 'object' has no value"},
        {"/visits/${null}", "! 'null' has no value"},
    };
    for (const auto& row : rows) CHECK(url_or_problem(row.url) == row.expected);
  }

  TEST_CASE("a step's url is a path below the base url") {
    struct Row {
      const char* url;
      bool is_right;
    };
    const Row rows[] = {
        {"/", true},
        {"/visits/", true},
        {"/visits/${visit}?a=b&c=${x}", true},
        {"", false},
        {"visits", false},
        {"http://elsewhere/x", false},
        {"//elsewhere/x", false},
        {"/a//b", false},
        {"/a/../b", false},
        {"/a/./b", false},
        {"/a#b", false},
        {"/a b", false},
        {"/a%2", false},
        {"/a/${", false},
    };
    for (const auto& row : rows) {
      CAPTURE(row.url);
      CHECK(!url_fault(row.url).has_value() == row.is_right);
    }
  }

  TEST_CASE("a body takes values whole, in one pass, and keeps the type of a lone placeholder") {
    const auto body = json::parse(R"({"visit": "${visit}", "rev": "${revision}", "on": "${flag}",
        "title": "rev ${revision} of ${visit}", "n": 3, "none": null,
        "list": ["${text:interview}", {"${visit}": "x"}]})");
    const auto filled = fill_body(body, find);
    REQUIRE(filled.has_value());
    CHECK(*filled == json{{"visit", "v-1"},
                          {"rev", 7},
                          {"on", true},
                          {"title", "rev 7 of v-1"},
                          {"n", 3},
                          {"none", nullptr},
                          {"list", json::array({"a \"b\" \\ \n 💊 ${visit} & </x>",
                                                json{{"${visit}", "x"}}})}});
    CHECK(json::parse(filled->dump()) == *filled);
    CHECK(fill_body(json{{"a", {{"b", "${unknown}"}}}}, find).has_error());
    CHECK(fill_body(json{{"a", "x ${"}}, find).has_error());
  }

  TEST_CASE("a header's value holds no line end") {
    CHECK(*fill_header("W/\"${revision}\"", find) == "W/\"7\"");
    CHECK(fill_header("x ${lines}", find).has_error());
    CHECK(fill_header("x\r\ny", find).has_error());
  }
}
