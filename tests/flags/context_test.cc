#include "flags/context.h"

#include <doctest/doctest.h>

namespace readback::flags {
using nlohmann::json;

TEST_SUITE("flags/context") {
  TEST_CASE("attributes are read as text, the same from every language") {
    struct Row {
      const char* sent;
      const char* text;  // null: left out
    };
    const Row rows[] = {
        {R"("north")", "north"},
        {R"("")", ""},
        {"true", "true"},
        {"false", "false"},
        {"3", "3"},
        {"3.0", "3"},
        {"-0.0", "0"},
        {"1.5", "1.5"},
        {"-7", "-7"},
        {"1e2", "100"},
        {"1e300", "1e+300"},
        {"18446744073709551615", "18446744073709551615"},
        {"null", nullptr},
        {"[1]", nullptr},
        {"{\"a\":1}", nullptr},
    };
    for (const Row& row : rows) {
      CAPTURE(row.sent);
      const auto context = read_context({{"targetingKey", "anna"}, {"a", json::parse(row.sent)}});
      REQUIRE(context.has_value());
      CHECK(context->targeting_key == "anna");
      CHECK(context->attributes.contains("a") == (row.text != nullptr));
      if (row.text != nullptr) CHECK(context->attributes.at("a") == row.text);
      CHECK_FALSE(context->attributes.contains("targetingKey"));
    }
  }

  TEST_CASE("what was not sent, or null, is an empty context") {
    for (const char* sent : {"null", "{}", R"({"targetingKey":null})", R"({"targetingKey":""})"}) {
      CAPTURE(sent);
      const auto context = read_context(json::parse(sent));
      REQUIRE(context.has_value());
      CHECK(context->targeting_key.empty());
      CHECK(context->attributes.empty());
    }
  }

  TEST_CASE("a context that is no object, or a key that is no text, is refused by its place") {
    for (const char* sent : {"3", "[]", "\"anna\"", "true"}) {
      CAPTURE(sent);
      CHECK(read_context(json::parse(sent)).error().where == "/context");
    }
    for (const char* sent : {"3", "[]", "{}", "false"}) {
      CAPTURE(sent);
      const json context = {{"targetingKey", json::parse(sent)}};
      CHECK(read_context(context).error().where == "/context/targetingKey");
    }
  }
}

}  // namespace readback::flags
