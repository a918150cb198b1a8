#include "probes/extract.h"

#include <doctest/doctest.h>

using namespace readback::probes;
using nlohmann::json;

namespace {

std::optional<json> nothing(std::string_view) {
  return std::nullopt;
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_SUITE("probes/extract") {
  TEST_CASE("a body is JSON or nothing, whatever it is") {
    for (const auto& body : {std::string("{}"), std::string("[1]"), std::string("7"),
                             std::string(" null "), nested(60)}) {
      CAPTURE(body);
      CHECK(parse_body(body).has_value());
    }
    for (const auto& body :
         {std::string(), std::string("<html>"), std::string("{"), std::string("{} x"),
          std::string("{'a': 1}"), std::string("[NaN]"), nested(70), nested(200'000),
          std::string(200'000, '['), std::string("\"\\ud83d"), std::string("[1e999]")}) {
      CAPTURE(body.substr(0, 20));
      CHECK_FALSE(parse_body(body).has_value());
    }
  }

  TEST_CASE("a text that was cut within a character is read, not unreadable") {
    struct Row {
      std::string body;
      std::string text;
    };
    const Row rows[] = {
        {R"("pills \ud83d\udc8a")", "pills 💊"},
        {R"("pills \ud83d")", "pills \ufffd"},
        {R"("\ud83d pills \udc8a \ud83d\udc8a")", "\ufffd pills \ufffd 💊"},
        {R"("a \\ud83d \\\ud83d")", "a \\ud83d \\\ufffd"},
        {"\"pills \xf0\x9f\x92\"", "pills \ufffd"},
        {"\"pills \xf0\x9f \\n\"", "pills \ufffd \n"},
    };
    for (const auto& row : rows) {
      CAPTURE(row.body);
      const auto body = parse_body(row.body);
      REQUIRE(body.has_value());
      CHECK(body->get<std::string>() == row.text);
    }
  }

  TEST_CASE("a pointer finds what is there, and nothing where it does not fit") {
    const json whole = {{"list", {1, {{"a/b", 2}, {"", 3}}}}, {"null", nullptr}};
    struct Row {
      const char* pointer;
      json expected;  // discarded: nothing
    };
    const json none(json::value_t::discarded);
    const Row rows[] = {
        {"", whole},         {"/list/0", 1},
        {"/list/1/a~1b", 2}, {"/list/1/", 3},
        {"/null", nullptr},  {"/list/2", none},
        {"/list/-", none},   {"/list/01", none},
        {"/list/x", none},   {"/list/99999999999999999999999", none},
        {"/list/0/a", none}, {"/none", none},
        {"none", none},      {"/null/a", none},
        {"/~", none},
    };
    for (const auto& row : rows) {
      CAPTURE(std::string(row.pointer));
      const auto* found = find_at(whole, row.pointer);
      REQUIRE((found != nullptr) == !row.expected.is_discarded());
      if (found != nullptr) CHECK(*found == row.expected);
    }
    CHECK(is_pointer(""));
    CHECK(is_pointer("/a/0"));
    CHECK_FALSE(is_pointer("a"));
    CHECK_FALSE(is_pointer("/~2"));
  }

  TEST_CASE("advice names what is there instead, by keys and never by values") {
    const json whole = {{"visit", {{"note", "secret text"}, {"list", {1, 2}}}}};
    CHECK(advice(whole, "/visits") == "there is no /visits, at the top are: visit");
    CHECK(advice(whole, "/visit/x/y") == "there is no /visit/x/y, at /visit are: list, note");
    CHECK(advice(whole, "/visit/list/2") ==
          "there is no /visit/list/2, at /visit/list is a list of 2");
    CHECK(advice(whole, "/visit/note/x") ==
          "there is no /visit/note/x, at /visit/note is a string");
    json many;
    for (char c = 'a'; c < 'm'; ++c) many[std::string(1, c)] = 0;
    CHECK(advice(many, "/z") == "there is no /z, at the top are: a, b, c, d, e, f, g, h, ...");
  }

  TEST_CASE("a pattern that takes for ever, or a text that is too long, does not match") {
    CHECK(pattern_fault("[a-z]+").has_value() == false);
    CHECK(pattern_fault("(").has_value());
    Answer answer;
    answer.status = {200};
    answer.body = {{"/x", Condition::Kind::matches, {}, "(a*)*b"}};
    const json hostile = {{"x", std::string(60, 'a')}};
    CHECK(unmet(answer, 200, &hostile, nothing) == "/x does not match (a*)*b");
    const json right = {{"x", "aab"}};
    CHECK_FALSE(unmet(answer, 200, &right, nothing).has_value());
    answer.body[0].matches = ".*";
    const json longest = {{"x", std::string(10'000, 'a')}};
    const json too_long = {{"x", std::string(10'001, 'a')}};
    CHECK_FALSE(unmet(answer, 200, &longest, nothing).has_value());
    CHECK(unmet(answer, 200, &too_long, nothing).has_value());
    const json number = {{"x", 12}};
    answer.body[0].matches = "[0-9]+";
    CHECK_FALSE(unmet(answer, 200, &number, nothing).has_value());
  }
}
