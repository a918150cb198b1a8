#include "probes/reading.h"

#include <doctest/doctest.h>

namespace readback::probes {
namespace {

Result<Reading> read(const char* text) {
  return reading_from_json(nlohmann::json::parse(text));
}

}  // namespace

TEST_SUITE("probes/reading") {
  TEST_CASE("what is left out has its default, and every state has its word") {
    const Reading plain = read(R"({"written": "a", "readback": "b"})").value();
    CHECK(plain.written == "a");
    CHECK(plain.readback == "b");
    CHECK(plain.write_state == Reading::WriteState::acknowledged);
    CHECK(plain.read_state == Reading::ReadState::ok);
    CHECK(!plain.previous);
    CHECK(plain.concurrent.empty());
    CHECK(plain.others.empty());

    const Reading full = read(R"({"written": "", "readback": "", "prev": "", "concurrent": ["c"],
                                  "others": ["d", ""], "read_state": "ok"})")
                             .value();
    CHECK(full.previous == "");
    CHECK(full.concurrent == std::vector<std::string>{"c"});
    CHECK(full.others == std::vector<std::string>{"d", ""});

    const auto state = [](const char* word) {
      return reading_from_json({{"written", "a"}, {"read_state", word}}).value().read_state;
    };
    CHECK(state("no_record") == Reading::ReadState::no_record);
    CHECK(state("no_field") == Reading::ReadState::no_field);
    CHECK(state("null") == Reading::ReadState::null_value);
    CHECK(state("failed") == Reading::ReadState::failed);
    CHECK(read(R"({"written": "a", "write_state": "refused"})").value().write_state ==
          Reading::WriteState::refused);
    CHECK(read(R"({"written": "a", "write_state": "unknown"})").value().write_state ==
          Reading::WriteState::unknown);
  }

  TEST_CASE("whatever else is refused, and the problem repeats none of it") {
    struct Row {
      const char* text;
      const char* where;
      const char* what;
    };
    for (const Row& row : {
             Row{"[]", "", "is no object"},
             Row{R"("secret")", "", "is no object"},
             Row{"{}", "/written", "is missing"},
             Row{R"({"written": "secret"})", "/readback", "is missing"},
             Row{R"({"written": "a", "readback": null})", "/readback", "is no text"},
             Row{R"({"written": 7, "readback": "secret"})", "/written", "is no text"},
             Row{R"({"written": "a", "readback": "a", "previous": "secret"})", "",
                 "there is a member of none of the seven names"},
             Row{R"({"written": "a", "readback": "a", "secret": 1})", "",
                 "there is a member of none of the seven names"},
             Row{R"({"written": "a", "readback": "a", "write_state": "secret"})", "/write_state",
                 "is none of acknowledged, refused, unknown"},
             Row{R"({"written": "a", "readback": "a", "read_state": "unknown"})", "/read_state",
                 "is none of ok, no_record, no_field, null, failed"},
             Row{R"({"written": "a", "readback": "a", "prev": ["secret"]})", "/prev", "is no text"},
             Row{R"({"written": "a", "readback": "a", "others": "secret"})", "/others",
                 "is no list"},
             Row{R"({"written": "a", "readback": "a", "concurrent": ["a", null]})", "/concurrent/1",
                 "is no text"},
         }) {
      CAPTURE(row.text);
      const auto reading = read(row.text);
      REQUIRE(reading.has_error());
      CHECK(reading.error().where == row.where);
      CHECK(reading.error().what == row.what);
    }
  }
}

}  // namespace readback::probes
