#include "guard/document.h"

#include <doctest/doctest.h>

namespace readback::guard {
namespace {

// Every fault as "LINE:COLUMN: WHAT", in order.
std::vector<std::string> faults_of(const std::string& file, std::string_view text) {
  std::vector<Fault> faults;
  if (const auto document = parse_document(file, text, faults)) check_end(*document, faults);
  std::vector<std::string> told;
  for (const Fault& fault : in_order(faults, {file})) {
    told.push_back(to_string(fault).substr(file.size() + 1));
  }
  return told;
}

struct Row {
  std::string text;
  std::string told;  // the beginning of the one fault, "" for none
};

void check_rows(const std::string& file, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const auto told = faults_of(file, row.text);
    CAPTURE(row.text.substr(0, 200));
    if (row.told.empty()) {
      CHECK(told == std::vector<std::string>{});
    } else {
      REQUIRE(told.size() == 1);
      CHECK(told[0].substr(0, row.told.size()) == row.told);
    }
  }
}

std::string repeated(const std::string& text, int times) {
  std::string whole;
  for (int i = 0; i < times; ++i) whole += text;
  return whole;
}

}  // namespace

TEST_SUITE("guard/document") {
  TEST_CASE("YAML that can be read in two ways is refused where it stands") {
    const std::string end = "\nend: readback\n";
    check_rows("a.yaml", {
                             {"a: true" + end, ""},
                             {"a: 1.5e3" + end, ""},
                             {"a: -7" + end, ""},
                             {"a: 1.3 %" + end, ""},
                             {"a: 250 ms" + end, ""},
                             {"a: 127.0.0.1:8016" + end, ""},
                             {"a: 1.2.3" + end, ""},
                             {"a: sha256:0123abcd" + end, ""},
                             {"a: 2026-11-24" + end, ""},
                             {"a: \"yes\"" + end, ""},
                             {"a: '010'" + end, ""},
                             {"on: off the record" + end, ""},
                             {"a: yes" + end, "1:4: \"yes\" is a truth value to some"},
                             {"a: No" + end, "1:4: \"No\" is a truth value"},
                             {"a: [true, on]" + end, "1:11: \"on\" is a truth value"},
                             {"a: off" + end, "1:4: \"off\" is a truth value"},
                             {"a: n" + end, "1:4: \"n\" is a truth value"},
                             {"a: True" + end, "1:4: \"True\" is a truth value"},
                             {"a: 010" + end, "1:4: \"010\" is one number to some"},
                             {"a: -010" + end, "1:4: \"-010\" is one number to some"},
                             {"a: 0x1F" + end, "1:4: \"0x1F\" is one number to some"},
                             {"a: 0o17" + end, "1:4: \"0o17\" is one number to some"},
                             {"a: 1_000" + end, "1:4: \"1_000\" is one number to some"},
                             {"a: +5" + end, "1:4: \"+5\" is one number to some"},
                             {"a: .5" + end, "1:4: \".5\" is one number to some"},
                             {"a: 5." + end, "1:4: \"5.\" is one number to some"},
                             {"a: 12:30:45" + end, "1:4: \"12:30:45\" is one number to some"},
                             {"a: .nan" + end, "1:4: \".nan\" is one number to some"},
                             {"a: .NaN" + end, "1:4: \".NaN\" is one number to some"},
                             {"a: -.inf" + end, "1:4: \"-.inf\" is one number to some"},
                             {"a: Infinity" + end, "1:4: \"Infinity\" is one number to some"},
                             {"a: 1e400" + end, "1:4: \"1e400\" is one number to some"},
                             {"a: 18446744073709551616" + end,
                              "1:4: \"18446744073709551616\" is out of the range"},
                             {"a: 18446744073709551615" + end, ""},
                         });
  }

  TEST_CASE("YAML's means to say one thing elsewhere, or twice, are refused") {
    const std::string end = "\nend: readback\n";
    check_rows(
        "a.yaml",
        {
            {"a: 1\nb: {c: 1, d: 2, c: 3}" + end, "2:17: duplicate key \"c\": it stands on line 2"},
            {"a: 1\nb: 2\na: {b: 1, b: 2}" + end, "3:1: duplicate key \"a\": it stands on line 1"},
            {"a: &x 1" + end, "1:4: an anchor (&)"},
            {"a: &x {b: 1}" + end, "1:4: an anchor (&)"},
            {"a: !!str 1" + end, "1:4: a tag (!)"},
            {"a: !secret x" + end, "1:4: a tag (!)"},
            {"a: {<<: {b: 1}}" + end, "1:5: a merge key (<<)"},
            {"? [a]\n: 1" + end, "1:3: a key must be text"},
            {"? {a: 1}\n: 1" + end, "1:3: a key must be text"},
            {"~: 1" + end, "1:1: a key is missing"},
            {"a: 1" + end + "---\nb: 2\n", "3:1: a second document"},
            {"a: 1" + end + "---\n", "3:1: a second document"},
            {"---\na: 1" + end + "...\n", ""},
            {"# nothing\n", "1:1: the file is empty"},
            {"", "1:1: the file is empty"},
            {"a: b: c" + end, "1:5: not YAML: illegal map value"},
            {"a:\n\t- 1" + end, "2:2: not YAML"},
            {"a: \"never closed\n", "2:1: the file was cut off"},
            {"a: [1, 2" + end, "2:4: not YAML: end of sequence flow"},
        });
    const auto told = faults_of("a.yaml", "a: &x 1\nb: *x\nend: readback\n");
    CHECK(told ==
          std::vector<std::string>{"1:4: an anchor (&): write the value out where it is used",
                                   "2:4: an alias (*): write the value out"});
  }

  TEST_CASE("a file that was cut off is refused, wherever the cut fell between lines") {
    const std::string whole = "a: 1\nb:\n  - c: 2\n    d: 3\nf: |\n  text\nend: readback\n";
    CHECK(faults_of("a.yaml", whole).empty());
    for (std::size_t cut = 1; cut + 2 < whole.size(); ++cut) {
      CAPTURE(cut);
      CHECK_FALSE(faults_of("a.yaml", whole.substr(0, cut)).empty());
    }
    check_rows("a.yaml", {
                             {"a: 1\n", "2:1: the file was cut off: expected \"end: readback\""},
                             {"a: 1\nend: yes it is\n", "3:1: the file was cut off"},
                             {"a: 1\nend: readback\nb: 2\n", "3:1: \"b\" stands after"},
                             {"just text", "1:10: the file was cut off"},
                             {"[a, b]", "1:7: the file was cut off"},
                         });
  }

  TEST_CASE("bytes, nodes, depth and text have bounds, and bytes must be UTF-8") {
    const std::string end = "\nend: readback\n";
    check_rows(
        "a.yaml",
        {
            {repeated("#", 1 << 20), "1:1: the file is empty"},
            {repeated("#", (1 << 20) + 1), "1:1: over 1 MiB"},
            {"a: [" + repeated("1,", 199'990) + "1]" + end, ""},
            {"a: [" + repeated("1,", 200'000) + "1]" + end, "1:399999: more than 200000"},
            {"a: " + repeated("[", 31) + repeated("]", 31) + end, ""},
            {"a: " + repeated("[", 32) + repeated("]", 32) + end, "1:35: nested deeper than 32"},
            {"a: " + repeated("x", 4'096) + end, ""},
            {"a: " + repeated("x", 4'097) + end, "1:4: a text of over 4096 bytes"},
            {"a: " + repeated("[", 100'000) + repeated("]", 100'000),
             "1:35: nested deeper than 32"},
            {"é: \xff" + end, "1:4: invalid UTF-8"},
            {"a: 1\nb: \xed\xa0\x80" + end, "2:4: invalid UTF-8"},
            {"a: 1\nb: x\x01" + end, "2:5: a control character"},
            {"\xef\xbb\xbf"
             "a: 1" +
                 end,
             "1:1: a control character or byte order mark"},
            {std::string("a: x\0y", 6) + end, "1:5: a control character"},
        });
  }

  TEST_CASE("JSON is held to the same rules") {
    check_rows("a.json",
               {
                   {R"({"a": [1, 2.5, true, null, "é😀"], "end": "readback"})", ""},
                   {R"({"a": 1, "b": {"c": 1, "é": 2, "c": 3}, "end": "readback"})",
                    "1:32: duplicate key \"c\""},
                   {"{\"a\": 1,\n \"end\": \"readback\", \"b\": 1}", "2:21: \"b\" stands after"},
                   {"{\"a\": 010}", "1:9: not JSON"},
                   {"{\"a\": NaN}", "1:7: not JSON"},
                   {"{\"a\": 1e400}", "1:1"},
                   {"{\"a\": 1,}", "1:9: not JSON"},
                   {"{\"a\": 1", "1:8: not JSON"},
                   {"{\"a\": [18446744073709551616], \"end\": \"readback\"}",
                    "1:8: \"18446744073709551616\" is out"},
                   {"{\"a\": " + repeated("[", 100'000), "1:38: nested deeper than 32"},
                   {"", "1:1: not JSON"},
               });
  }

  TEST_CASE("every key and value is found again, in code points from 1") {
    std::vector<Fault> faults;
    const std::string yaml =
        "# a comment\nflags:\n  - key: a\n    who: {é: [1, x], \"b/~\": null}\n  - \nend: "
        "readback\n";
    const auto document = parse_document("a.yaml", yaml, faults);
    REQUIRE(document);
    CHECK(faults.empty());
    CHECK(document->value_at("/flags") == Position{3, 3});
    CHECK(document->key_at("/flags") == Position{2, 1});
    CHECK(document->value_at("/flags/0/key") == Position{3, 10});
    CHECK(document->value_at("/flags/0/who") == Position{4, 10});
    CHECK(document->key_at("/flags/0/who/é") == Position{4, 11});
    CHECK(document->value_at("/flags/0/who/é/1") == Position{4, 18});
    CHECK(document->key_at("/flags/0/who/b~1~0") == Position{4, 22});
    CHECK(document->value_at("/flags/0/who/missing/deeper") == Position{4, 5});
    CHECK(document->end == Position{7, 1});
    CHECK(document->json.at("flags").at(0).at("who").at("é").at(0) == 1);

    const auto json = parse_document(
        "a.json", "{\"é\": [10, {\"k\": -2}, \"x\\u00e9\\\"]\"],\n  \"b\": {}, \"end\": 7 }",
        faults);
    REQUIRE(json);
    CHECK(json->value_at("") == Position{1, 1});
    CHECK(json->key_at("/é") == Position{1, 2});
    CHECK(json->value_at("/é") == Position{1, 7});
    CHECK(json->value_at("/é/0") == Position{1, 8});
    CHECK(json->value_at("/é/1") == Position{1, 12});
    CHECK(json->value_at("/é/1/k") == Position{1, 18});
    CHECK(json->value_at("/é/2") == Position{1, 23});
    CHECK(json->key_at("/b") == Position{2, 3});
    CHECK(json->value_at("/b") == Position{2, 8});
    CHECK(json->value_at("/end") == Position{2, 19});
  }

  TEST_CASE("what is no readable file is a fault, not a crash") {
    for (const char* path : {"/", "/no/such/file.yaml", "/dev/null"}) {
      std::vector<Fault> faults;
      CHECK_FALSE(read_document(path, faults));
      REQUIRE(faults.size() == 1);
      CHECK(faults[0].file == path);
    }
  }

  TEST_CASE("faults are told in the order of the files, and what follows from one is not told") {
    std::vector<Fault> faults = {{"b", {1, 1}, "x"}, {"a", {2, 1}, "first"}, {"a", {1, 9}, "y"}};
    add_new({{"a", {2, 1}, "second"}, {"a", {2, 2}, "z"}, {"a", {2, 2}, "also z"}}, faults);
    std::string told;
    for (const Fault& fault : in_order(faults, {"a", "b"})) told += to_string(fault) + "\n";
    CHECK(told == "a:1:9: y\na:2:1: first\na:2:2: z\na:2:2: also z\nb:1:1: x\n");
  }
}

}  // namespace readback::guard
