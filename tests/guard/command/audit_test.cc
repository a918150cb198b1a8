#include "guard/command/audit.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "guard/sqlite_database.h"
#include "guard/state_directory.h"
#include "tests/temporary_directory.h"

namespace readback::guard {
namespace {

// A state directory with three entries, and the daemon's connection still open.
struct Fixture {
  TemporaryDirectory directory;
  std::unique_ptr<SqliteDatabase> database;
  std::ostringstream out;
  std::ostringstream errors;

  Fixture() {
    const std::string path = StateDirectory(directory.path()).database();
    database = std::move(SqliteDatabase::open_to_write({.path = path})).value();
    Entry entry;
    entry.flag = "a";
    entry.at = std::chrono::seconds(1'800'000'000);
    Entry reverted = entry;
    reverted.kind = "reverted";
    reverted.by = "ada";
    reverted.reason = "notes are lost";
    REQUIRE(database->append({entry, entry, reverted}).has_value());
  }

  ExitCode verify(bool json = false, const std::string& expect = "") {
    out.str("");
    return verify_audit({.state = directory.path(), .json = json, .expect = expect}, out, errors);
  }

  void change(const std::string& sql) {
    const std::string path = StateDirectory(directory.path()).database();
    auto connection = SqliteConnection::open(path, "", SqliteConnection::Mode::writer);
    REQUIRE((*connection)->execute(sql).has_value());
  }
};

}  // namespace

TEST_SUITE("guard/command/audit") {
  TEST_CASE("the newest entries are shown, oldest first, while the daemon has it open") {
    Fixture f;
    AuditOptions options{.state = f.directory.path()};
    options.last = 1;
    CHECK(show_audit(options, f.out, f.errors) == kOk);
    // date -u -d @1800000000 '+%F %TZ'
    CHECK(f.out.str() == "3  2027-01-15 08:00:00Z  a  reverted by ada: notes are lost\n");
    f.out.str("");
    options.last = 20;
    options.json = true;
    CHECK(show_audit(options, f.out, f.errors) == kOk);
    const auto list = nlohmann::json::parse(f.out.str());
    REQUIRE(list.size() == 3);
    CHECK(list[0]["number"] == 1);
    CHECK(list[2]["kind"] == "reverted");
    options.state = "/nowhere";
    CHECK(show_audit(options, f.out, f.errors) == kFailed);
  }

  TEST_CASE("a whole chain is told with its count and last hash while the daemon has it open") {
    Fixture f;
    CHECK(f.verify() == kOk);
    CHECK(f.out.str().find("3 entries, chain whole\nlast hash ") == 0);
    CHECK(f.verify(true) == kOk);
    const auto report = nlohmann::json::parse(f.out.str());
    CHECK(report["entries"] == 3);
    CHECK(report["is_whole"] == true);
    CHECK(report["broken_row"].is_null());
    // Noted once, a hash is found for ever, unless entries were cut off.
    const std::string noted = report["last_hash"];
    CHECK(f.verify(false, noted) == kOk);
    f.change("DELETE FROM ledger WHERE number = 3");
    CHECK(f.verify(false, noted) == kFailed);
    CHECK(f.verify(false, "abc") == kUsage);
  }

  TEST_CASE("the first broken row is named") {
    Fixture f;
    f.change("UPDATE ledger SET by = 'Eve' WHERE number >= 2");
    CHECK(f.verify() == kFailed);
    CHECK(f.out.str().find("1 entry before the first broken one\n") == 0);
    CHECK(f.out.str().find("\nledger row 2: its hash isn't that of what it holds\n") !=
          std::string::npos);
    CHECK(f.verify(true) == kFailed);
    CHECK(nlohmann::json::parse(f.out.str())["broken_row"] == 2);
  }

  TEST_CASE("what can't be read is said") {
    Fixture f;
    CHECK(verify_audit({.state = f.directory.file("nothing")}, f.out, f.errors) == kFailed);
    CHECK(f.errors.str().find("unable to open") != std::string::npos);
  }
}

}  // namespace readback::guard
