#include "guard/configuration.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "guard/command/exit_code.h"
#include "guard/command/validate.h"
#include "guard/configured_plans.h"
#include "tests/source.h"

namespace readback::guard {
using namespace std::chrono_literals;
namespace {

std::string contents(const std::string& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// A directory with the demo's config, its plan and its secrets, to be spoilt.
class Directory {
 public:
  Directory() {
    std::string name = std::filesystem::temp_directory_path() / "configuration-XXXXXX";
    path_ = mkdtemp(name.data());
    put("guard.yaml", contents(source_path("configs/demo/guard.yaml")));
    put("plan.yaml", contents(source_path("configs/demo/plan.yaml")));
    put("ofrep-token", "token-of-the-test\n");
    std::filesystem::permissions(at("ofrep-token"), std::filesystem::perms(0600));
    for (int i = 0; i < 100; ++i) {
      const std::string number = std::to_string(100 + i).substr(1);
      setenv(("TOKEN_" + number).c_str(), ("secret " + number).c_str(), 1);
    }
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  std::string at(const std::string& name) const { return path_ + "/" + name; }
  void put(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(at(name)).parent_path());
    std::ofstream(at(name)) << text;
  }
  // Puts `to` in the place of the first `from` in a file.
  void change(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = contents(at(name));
    const std::size_t found = text.find(from);
    REQUIRE(found != std::string::npos);
    put(name, text.replace(found, from.size(), to));
  }

  // What is wrong, a line each, without the directory's name.
  std::string faults() const {
    std::vector<Fault> faults;
    const auto configuration = read_configuration(at("guard.yaml"), faults);
    CHECK(configuration.has_value() == faults.empty());
    std::string told;
    for (const Fault& fault : faults) told += to_string(fault) + "\n";
    for (std::size_t found; (found = told.find(path_ + "/")) != std::string::npos;) {
      told.erase(found, path_.size() + 1);
    }
    return told;
  }

 private:
  std::string path_;
};

// Where `text` stands in `file`, `ahead` code units further: "FILE:LINE:COLUMN".
std::string place(const std::string& file, const std::string& whole, const std::string& text,
                  std::size_t ahead) {
  const std::size_t found = whole.find(text);
  REQUIRE(found != std::string::npos);
  const std::size_t offset = found + ahead;
  const auto line = std::count(whole.begin(), whole.begin() + static_cast<long>(offset), '\n') + 1;
  const std::size_t begin = whole.rfind('\n', offset - 1) + 1;
  return file + ":" + std::to_string(line) + ":" + std::to_string(offset - begin + 1);
}

struct Row {
  const char* file;
  const char* from;
  const char* to;
  std::size_t ahead;  // where in `to` the one fault is
  const char* what;   // its beginning; "" if there is none
};

void check_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    Directory directory;
    directory.change(row.file, row.from, row.to);
    CAPTURE(std::string(row.to));
    const std::string told = directory.faults();
    std::string expected;
    if (*row.what) {
      expected =
          place(row.file, contents(directory.at(row.file)), row.to, row.ahead) + ": " + row.what;
      CHECK(std::count(told.begin(), told.end(), '\n') == 1);
    }
    CHECK(told.substr(0, *row.what ? expected.size() : told.size()) == expected);
  }
}

}  // namespace

TEST_SUITE("guard/configuration") {
  TEST_CASE("the demo's config is read whole") {
    Directory directory;
    std::vector<Fault> faults;
    const auto configuration = read_configuration(directory.at("guard.yaml"), faults);
    for (const Fault& fault : faults) FAIL_CHECK(to_string(fault));
    REQUIRE(configuration);
    CHECK(configuration->listen_host == "127.0.0.1");
    CHECK(configuration->listen_port == 8016);
    CHECK(configuration->tokens == std::vector<std::string>{"token-of-the-test"});
    CHECK(configuration->token_file == directory.at("ofrep-token"));
    CHECK(configuration->answer_within == 100ms);
    CHECK(configuration->application_time_out == 250ms);
    CHECK(configuration->application_commits_within == 1s);
    CHECK(configuration->watchdog == 5s);
    CHECK(configuration->exposures.record == ExposureOptions::Identity::id);
    CHECK(configuration->exposures.at_most == 20'000);
    REQUIRE(configuration->find("notes-editor-v2"));
    const Guarded& guarded = *configuration->find("notes-editor-v2");
    CHECK(guarded.flag.rollout->steps.size() == 3);
    CHECK(guarded.plan.journeys.size() == 2);
    CHECK(guarded.plan_path == directory.at("plan.yaml"));
    CHECK(configuration->find("other") == nullptr);
  }

  TEST_CASE("the demo's other config and the sample are valid, too") {
    Directory directory;
    for (const char* name : {"guard-without-document.yaml", "plan-without-document.yaml"}) {
      directory.put(name, contents(source_path("configs/demo/" + std::string(name))));
    }
    directory.put("sample.yaml", contents(source_path("configs/guard.yaml")));
    directory.put("plans/notes.yaml", contents(source_path("configs/demo/plan.yaml")));
    for (const char* name : {"guard-without-document.yaml", "sample.yaml"}) {
      std::vector<Fault> faults;
      CHECK(read_configuration(directory.at(name), faults));
      for (const Fault& fault : faults) FAIL_CHECK(to_string(fault));
    }
  }

  TEST_CASE("what is wrong with guard.yaml is told where it stands") {
    const char* file = "guard.yaml";
    check_rows({
        {file, "version: 1", "version: 2", 9, "expected 1, not the number 2"},
        {file, "version: 1", "version: 1\nversion: 1", 11, "duplicate key \"version\""},
        {file, "listen: 127.0.0.1:8016", "listen: \"[::1]:8016\"", 0, ""},
        {file, "listen: 127.0.0.1:8016", "listen: 127.0.0.1:0", 0, ""},
        {file, "listen: 127.0.0.1:8016", "listen: 0.0.0.0:8016", 8, "expected a loopback address"},
        {file, "listen: 127.0.0.1:8016", "listen: 0.0.0.0:8016\nlisten_anywhere: true", 0, ""},
        {file, "listen: 127.0.0.1:8016", "listen: 127.0.0.1", 8, "expected an address and a port"},
        {file, "listen: 127.0.0.1:8016", "listen: localhost:8016", 8,
         "expected an address and a port"},
        {file, "listen: 127.0.0.1:8016", "listen: 127.0.0.1:80160", 8,
         "expected an address and a port"},
        {file, "listen: 127.0.0.1:8016", "listen: u@127.0.0.1:80", 8,
         "expected an address and a port"},
        {file, "listen: 127.0.0.1:8016", "listen_anywhere: on", 17, "\"on\" is a truth value"},
        {file, "token_file: ofrep-token", "token_file: no-such", 12, "the token file"},
        {file, "token_file: ofrep-token",
         "token_file: ofrep-token\nlease_key_file: ofrep-token\nbrowser_origins: [\"*\"]", 0, ""},
        {file, "token_file: ofrep-token", "token_file: ofrep-token\nlease_key_file: no-such", 40,
         "the token file"},
        {file, "token_file: ofrep-token",
         "token_file: ofrep-token\nbrowser_origins: [\"https://app.example/\"]", 42,
         "expected an origin such as https://app.example"},
        {file, "exposures: {record: id", "token: abc\nexposures: {record: id", 0,
         "unknown key \"token\": expected one of answer_within"},
        {file, "token_file: ofrep-token", "tokn_file: ofrep-token", 0,
         "unknown key \"tokn_file\": did you mean \"token_file\"?"},
        {file, "answer_within: 100 ms", "answer_within: 250 ms", 15,
         "expected less than application_time_out, 250 ms"},
        {file, "answer_within: 100 ms", "answer_within: 249 ms", 0, ""},
        {file, "answer_within: 100 ms", "answer_within: 0 s", 15, "expected at least 1 ms"},
        {file, "answer_within: 100 ms", "answer_within: 100", 15, "expected a duration such as"},
        {file, "answer_within: 100 ms", "answer_within: 0100 ms", 15, "expected a duration"},
        {file, "answer_within: 100 ms", "answer_within: .nan", 15,
         "\".nan\" is one number to some"},
        {file, "watchdog: 5 s", "watchdog: 100 ms", 10,
         "expected at least 1 s: 10 x answer_within"},
        {file, "watchdog: 5 s", "watchdog: 999 ms", 10,
         "expected at least 1 s: 10 x answer_within"},
        {file, "watchdog: 5 s", "watchdog: 1 s", 10, ""},
        {file, "watchdog: 5 s", "watchdog: 45 s", 10, "expected less than every max_evidence_age"},
        {file, "watchdog: 5 s", "watchdog: 0045 s", 10, "expected a duration"},
        {file, "watchdog: 5 s", "watchdog: 400 d", 10, "expected at most 366 d"},
        {file, "record: id", "record: name", 8, "expected one of hash, id, not \"name\""},
        {file, "at_most: 20000", "at_most: 020000", 9, "\"020000\" is one number to some"},
        {file, "at_most: 20000", "at_most: 2.5", 9, "expected a whole number from 1 to 10000000"},
        {file, "at_most: 20000", "at_most: 4294967297", 9,
         "expected a whole number from 1 to 10000000"},
        {file, "owner: team-notes", "ownr: team-notes", 0,
         "unknown key \"ownr\": did you mean \"owner\"?"},
        {file, "owner: team-notes", "owner: *team", 7,
         "not YAML: the referenced anchor is not defined"},
        {file, "safe: old", "safe: odl", 6, "expected one of the variants: new, old"},
        {file, "treatment: new", "treatment: old", 11,
         "expected another variant than the safe one"},
        {file, "plan: plan.yaml", "plan: plna.yaml", 6, "there is no file plna.yaml"},
        {file, "share: 1.3 %", "share: 1.3", 7, "expected a share such as \"1.3 %\""},
        {file, "share: 1.3 %", "share: 9.9 %", 0, ""},
        {file, "share: 10 %", "share: 10 %, minimum_tmie: 1 s", 13,
         "unknown key \"minimum_tmie\": did you mean"},
        {file, "share: 100 %", "share: 9.9999 %", 7, "expected more than the step before"},
        {file, "minimum_evidence: 3}", "minimum_evidence: 0}", 18,
         "expected a whole number from 1"},
        {file, "      by: practitioner", "      by: region", 10,
         "expected one of practitioner, practice"},
        {file, "      by: practitioner", "      who: {practitioners: [real-1, synthetic-07]}", 36,
         "\"synthetic-07\" is a synthetic practitioner"},
        {file, "      by: practitioner", "      who: {practitioners: [real-1, real-2]}", 0, ""},
        {file, "max_evidence_age: 45 s", "max_evidence_age: 6 s", 18, "expected at least "},
        {file, "\nend: readback\n", "\n# cut\n", 7, "the file was cut off"},
        {file, "\nend: readback\n", "\nend: readback\nend_: 1\n", 15, "\"end_\" stands after"},
        {file, "\nend: readback\n", "\nend: readback\n---\nversion: 1\n", 15, "a second document"},
    });
  }

  TEST_CASE("what is wrong with a plan is told in the plan") {
    const char* file = "plan.yaml";
    check_rows({
        {file, "version: 1", "version: 3", 9, "expected 1, not the number 3"},
        {file, "interval: 2 s", "intervall: 2 s", 0,
         "unknown key \"intervall\": did you mean \"interval\"?"},
        {file, "jitter: 0.1", "jitter: .inf", 8, "\".inf\" is one number to some"},
        {file, "jitter: 0.1", "jitter: 0.95", 8, "expected a share from 0 to 0.9"},
        {file, "conclusion: {}", "conclusion: {tolerates: [trimmed]}", 25,
         "there is no loss class 'trimmed'"},
        {file, "secret: {environment: TOKEN_01}", "secret: {file: no-such}", 8,
         "file no-such cannot be read"},
        {file,
         "patients: [synthetic-01-a, synthetic-01-b]}\n  - {id: synthetic-02, secret: "
         "{environment: TOKEN_02}",
         "patients: [synthetic-01-a, synthetic-01-b]}\n  - {id: synthetic-02, secret: "
         "{environment: TOKEN_01}",
         75, "is the secret of 'synthetic-01', too"},
        {file, "\nend: readback\n", "\n# cut\n", 7, "the file was cut off"},
    });
  }

  TEST_CASE("all faults of all files are told at once, in order") {
    Directory directory;
    directory.change("guard.yaml", "listen: 127.0.0.1:8016", "listen: 0.0.0.0:8016");
    directory.change("guard.yaml", "token_file", "token_fiel");
    directory.change("guard.yaml", "owner: team-notes", "owner: yes");
    directory.change("guard.yaml", "share: 100 %", "share: 1 %");
    directory.change("plan.yaml", "jitter: 0.1", "jitter: 3");
    directory.change("plan.yaml", "interval: 2 s", "interval: two");
    const std::string told = directory.faults();
    const char* expected[] = {"guard.yaml:4:9: expected a loopback",
                              "guard.yaml:5:1: unknown key",
                              "guard.yaml:16:12: \"yes\" is",
                              "guard.yaml:27:19: expected more than",
                              "plan.yaml:",
                              "plan.yaml:"};
    std::istringstream lines(told);
    std::string line;
    for (const char* one : expected) {
      std::getline(lines, line);
      CHECK(line.substr(0, std::string_view(one).size()) == std::string(one));
    }
    CHECK_FALSE(std::getline(lines, line));
  }

  TEST_CASE("two flags need two keys and synthetic practitioners of their own") {
    Directory directory;
    std::string text = contents(directory.at("guard.yaml"));
    const std::size_t begin = text.find("  - key:");
    const std::string flag = text.substr(begin, text.find("\nend:") - begin);
    directory.change("guard.yaml", "\nend: readback", flag + "\nend: readback");
    const std::string told = directory.faults();
    CHECK(told.find(": the flag \"notes-editor-v2\" is on line 15 already") != std::string::npos);
    CHECK(told.find(": its practitioner \"synthetic-01\" is synthetic for the flag on line 15") !=
          std::string::npos);
    CHECK(std::count(told.begin(), told.end(), '\n') == 2);
  }

  TEST_CASE("a flag without a rollout is unguarded and has no plan") {
    Directory directory;
    const std::string text = contents(directory.at("guard.yaml"));
    const std::string head = text.substr(0, text.find("    plan: plan.yaml"));
    directory.put("guard.yaml", head + "end: readback\n");
    CHECK(directory.faults() == "");
    directory.put("guard.yaml", head + "    plan: plan.yaml\nend: readback\n");
    CHECK(directory.faults() ==
          "guard.yaml:21:11: a plan guards a rollout, and there is none: remove it\n");
    directory.put("guard.yaml", text);
    directory.change("guard.yaml", "    plan: plan.yaml\n", "");
    CHECK(directory.faults() ==
          "guard.yaml:21:5: a rollout needs the plan that guards it: \"plan\" is missing\n");
  }

  TEST_CASE("however a config is cut off, it is refused") {
    Directory directory;
    const std::string whole = contents(directory.at("guard.yaml"));
    for (std::size_t cut = 0; cut + 2 < whole.size(); cut += 7) {
      CAPTURE(cut);
      directory.put("guard.yaml", whole.substr(0, cut));
      CHECK(directory.faults() != "");
    }
  }
}

TEST_SUITE("guard/command/validate") {
  TEST_CASE("it prints what a config promises, or what is wrong with it") {
    Directory directory;
    std::ostringstream out;
    std::ostringstream err;
    CHECK(validate({directory.at("guard.yaml"), false}, out, err) == kOk);
    CHECK(err.str() == "");
    for (const char* words : {"is valid", "longest gap between two starts of a stream", "E_pause",
                              "E_latch", "E_hard", "step 1.3 %", "not covered"}) {
      CHECK(out.str().find(words) != std::string::npos);
    }
    std::ostringstream json;
    CHECK(validate({directory.at("guard.yaml"), true}, json, err) == kOk);
    const auto valid = nlohmann::json::parse(json.str());
    CHECK(valid.at("valid") == true);
    CHECK(valid.at("flags").at(0).at("bounds").at("gap_ms") == 2'200);
    CHECK(valid.at("flags").at(0).at("bounds").at("hard_ms") == 46'000);

    directory.change("guard.yaml", "safe: old", "safe: odl");
    std::ostringstream nothing;
    CHECK(validate({directory.at("guard.yaml"), false}, nothing, err) == kConfigInvalid);
    CHECK(nothing.str() == "");
    CHECK(err.str().find("guard.yaml:19:11: expected one of the variants") != std::string::npos);
    std::ostringstream faults;
    CHECK(validate({directory.at("guard.yaml"), true}, faults, err) == kConfigInvalid);
    const auto invalid = nlohmann::json::parse(faults.str());
    CHECK(invalid.at("valid") == false);
    CHECK(invalid.at("faults").at(0).at("line") == 19);
    CHECK(invalid.at("faults").at(0).at("column") == 11);
  }
}

}  // namespace readback::guard
