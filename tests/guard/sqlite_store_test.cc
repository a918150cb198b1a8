#include "guard/sqlite_store.h"

#include <doctest/doctest.h>

#include <boost/asio/thread_pool.hpp>
#include <fstream>

#include "tests/simulation/settle.h"
#include "tests/temporary_directory.h"

namespace readback::guard {
namespace {

namespace asio = boost::asio;
using simulation::settle;
using simulation::World;

Entry entry(const std::string& flag, const std::string& kind, int step) {
  Entry made;
  made.at = WallTime(1'767'225'600'000 + step);
  made.flag = flag;
  made.kind = kind;
  made.by = "guard";
  made.state = {{"step", step}};
  return made;
}

PendingRead pending(const std::string& id, int delay) {
  PendingRead read;
  read.id = id;
  read.flag = "a";
  read.task = {{"delay_ms", delay}};
  return read;
}

ExposureRecord exposure(const std::string& practitioner, int first, int last, unsigned step) {
  ExposureRecord record;
  record.flag = "a";
  record.practitioner = practitioner;
  record.first = WallTime(first);
  record.last = WallTime(last);
  record.step = step;
  return record;
}

// A store on a real file, its disk being the simulated world's executor.
struct Fixture {
  explicit Fixture(const std::string& path) : Fixture(DatabaseOptions{.path = path}) {}
  explicit Fixture(DatabaseOptions options) : store(world.executor(1), std::move(options)) {}

  Result<Loaded> load() {
    return *settle(world, 1, store.load([this](const Entry& entry) { entries.push_back(entry); }));
  }
  Result<void> append(std::vector<Entry> entries) {
    return *settle(world, 1, store.append(std::move(entries)));
  }
  Result<void> put(std::vector<PendingRead> reads) {
    return *settle(world, 1, store.put_pending(std::move(reads)));
  }
  Result<void> erase(std::vector<std::string> ids) {
    return *settle(world, 1, store.erase_pending(std::move(ids)));
  }
  Result<void> record(std::vector<ExposureRecord> records) {
    return *settle(world, 1, store.record_exposures(std::move(records)));
  }
  Result<std::vector<Entry>> tail(unsigned count) { return *settle(world, 1, store.tail(count)); }

  World world{1};
  SqliteStore store;
  std::vector<Entry> entries;  // that load() came by
};

void overwrite(const std::string& path, const std::string& from, const std::string& to) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto at = bytes.find(from);
  REQUIRE(at != bytes.npos);
  file.seekp(static_cast<std::streamoff>(at));
  file << to;
}

}  // namespace

TEST_SUITE("guard/sqlite_store") {
  TEST_CASE("what was stored is loaded by the next process") {
    TemporaryDirectory directory;
    {
      Fixture f(directory.file("state.db"));
      const auto empty = f.load();
      REQUIRE(empty.has_value());
      CHECK(f.entries.empty());
      REQUIRE(f.append({entry("a", "started", 1), entry("b", "started", 1)}).has_value());
      REQUIRE(f.append({entry("a", "advanced", 2), entry("", "configured", 0)}).has_value());
      REQUIRE(f.put({pending("x", 1), pending("y", 2), pending("z", 3)}).has_value());
      REQUIRE(f.put({pending("y", 20)}).has_value());
      REQUIRE(f.erase({"z", "not there"}).has_value());
      REQUIRE(f.record({exposure("p", 10, 10, 1), exposure("q", 11, 11, 1)}).has_value());
      REQUIRE(f.record({exposure("p", 20, 20, 2)}).has_value());
      REQUIRE(f.record({exposure("p", 15, 15, 1)}).has_value());
    }
    Fixture f(directory.file("state.db"));
    const auto loaded = f.load();
    REQUIRE(loaded.has_value());
    REQUIRE(f.entries.size() == 4);
    CHECK(f.entries[2].flag == "a");
    CHECK(f.entries[2].number == 3);
    CHECK(f.entries[2].state == nlohmann::json{{"step", 2}});
    CHECK(f.entries[1].number == 2);
    REQUIRE(loaded->pending.size() == 2);
    CHECK(loaded->pending[1].id == "y");
    CHECK(loaded->pending[1].task == nlohmann::json{{"delay_ms", 20}});
    REQUIRE(loaded->exposures.size() == 2);
    CHECK(loaded->exposures[0].first == WallTime(10));
    CHECK(loaded->exposures[0].last == WallTime(20));
    CHECK(loaded->exposures[0].step == 2);
    const auto tail = f.tail(2);
    REQUIRE(tail.has_value());
    REQUIRE(tail->size() == 2);
    CHECK((*tail)[0].number == 3);
    CHECK((*tail)[1].kind == "configured");
  }

  TEST_CASE("nothing works before load, and load works once") {
    TemporaryDirectory directory;
    Fixture f(directory.file("state.db"));
    CHECK(f.append({entry("a", "started", 1)}).has_error());
    REQUIRE(f.load().has_value());
    CHECK(f.load().has_error());
    CHECK(f.append({entry("a", "started", 1)}).has_value());
  }

  TEST_CASE("a bound is refused whole, and is no failure") {
    TemporaryDirectory directory;
    Fixture f(
        DatabaseOptions{.path = directory.file("state.db"), .max_exposures = 2, .max_pending = 2});
    REQUIRE(f.load().has_value());
    REQUIRE(f.record({exposure("p", 1, 1, 1)}).has_value());
    CHECK(f.record({exposure("q", 1, 1, 1), exposure("r", 1, 1, 1)}).has_error());
    CHECK(f.record({exposure("p", 2, 2, 1), exposure("q", 2, 2, 1)}).has_value());
    CHECK(f.record({exposure("r", 3, 3, 1)}).has_error());
    REQUIRE(f.put({pending("x", 1)}).has_value());
    CHECK(f.put({pending("x", 2), pending("y", 1), pending("z", 1)}).has_error());
    CHECK(f.put({pending("x", 2), pending("y", 1)}).has_value());
    REQUIRE(f.erase({"x"}).has_value());
    CHECK(f.put({pending("z", 1)}).has_value());
    Entry long_entry = entry("a", "started", 1);
    long_entry.reason = std::string(kMaxRowBytes, 'x');
    CHECK(f.append({entry("a", "started", 1), long_entry}).has_error());
    CHECK(f.append({entry("a", "started", 1)}).has_value());
    CHECK(f.tail(10)->size() == 1);
  }

  TEST_CASE("a file that isn't ours, is newer, or is damaged is refused") {
    TemporaryDirectory directory;
    const std::string path = directory.file("state.db");
    SUBCASE("no database") {
      std::ofstream(path) << std::string(5'000, 'x');
    }
    SUBCASE("a directory") {
      std::filesystem::create_directory(path);
    }
    SUBCASE("somebody else's") {
      auto connection = SqliteConnection::open(path, "", SqliteConnection::Mode::writer);
      REQUIRE((*connection)->execute("CREATE TABLE notes(text)").has_value());
    }
    SUBCASE("a newer release's") {
      REQUIRE(Fixture(path).load().has_value());
      auto connection = SqliteConnection::open(path, "", SqliteConnection::Mode::writer);
      REQUIRE((*connection)->execute("PRAGMA user_version=99").has_value());
    }
    SUBCASE("a ledger row changed on disk") {
      {
        Fixture f(path);
        REQUIRE(f.load().has_value());
        REQUIRE(f.append({entry("a", "a-kind-to-change", 1)}).has_value());
      }
      overwrite(path, "a-kind-to-change", "a-kind-to-chance");
    }
    SUBCASE("a pending read changed on disk") {
      {
        Fixture f(path);
        REQUIRE(f.load().has_value());
        REQUIRE(f.put({pending("x", 1'234'567)}).has_value());
      }
      overwrite(path, "1234567", "1234568");
    }
    SUBCASE("an exposure changed on disk") {
      {
        Fixture f(path);
        REQUIRE(f.load().has_value());
        REQUIRE(f.record({exposure("practitioner-one", 1, 1, 1)}).has_value());
      }
      overwrite(path, "practitioner-one", "practitioner-two");
    }
    Fixture f(path);
    CHECK(f.load().has_error());
    CHECK(f.append({entry("a", "started", 1)}).has_error());
  }

  TEST_CASE("work is done on the disk's thread and completed on the caller's") {
    TemporaryDirectory directory;
    asio::thread_pool disk(1);
    World world(1);
    SqliteStore store(disk.get_executor(), {.path = directory.file("state.db")});
    std::optional<bool> done;
    asio::co_spawn(world.executor(1), store.load({}),
                   [&](std::exception_ptr, Result<Loaded> loaded) { done = loaded.has_value(); });
    world.step();
    disk.join();  // What it posts to the world is there, and has not run yet.
    CHECK_FALSE(done.has_value());
    while (world.step()) {
    }
    CHECK(done == true);
  }

  TEST_CASE("a reader sees what was committed while a writer has the file open") {
    TemporaryDirectory directory;
    Fixture f(directory.file("state.db"));
    REQUIRE(f.load().has_value());
    REQUIRE(f.append({entry("a", "started", 1)}).has_value());
    const auto reader = SqliteDatabase::open_to_read({.path = directory.file("state.db")});
    REQUIRE(reader.has_value());
    REQUIRE((*reader)->verify().has_value());
    CHECK((*reader)->verify()->chain.count() == 1);
    REQUIRE(f.append({entry("a", "advanced", 2)}).has_value());
    CHECK((*reader)->verify()->chain.count() == 2);
    CHECK((*reader)->append({entry("a", "advanced", 3)}).has_error());
  }
}

}  // namespace readback::guard
