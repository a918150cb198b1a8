// Everything that the store acknowledged before a crash is there after it, and the chain is whole:
// on a disk that drops and tears what was not synced, and on one whose calls fail one after
// another.
#include <doctest/doctest.h>

#include <optional>
#include <set>

#include "guard/sqlite_store.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/settle.h"

namespace readback::guard {
namespace {

using simulation::Disk;
using simulation::settle;
using simulation::World;

const char* const kPath = "/state.db";

struct Content {
  std::vector<std::string> ledger;  // reasons
  std::map<std::string, std::string> pending;
  std::map<std::string, std::int64_t> exposures;  // the last time
  friend bool operator==(const Content&, const Content&) = default;
};

// One call of the store, drawn at random, and what it does to the content.
struct Call {
  std::vector<Entry> entries;
  std::vector<PendingRead> put;
  std::vector<std::string> erased;
  std::vector<ExposureRecord> exposed;

  void apply(Content& content) const {
    for (const Entry& entry : entries) content.ledger.push_back(entry.reason);
    for (const PendingRead& read : put) content.pending[read.id] = read.task.dump();
    for (const std::string& id : erased) content.pending.erase(id);
    for (const ExposureRecord& record : exposed)
      content.exposures[record.practitioner] =
          std::max(content.exposures[record.practitioner], record.last.count());
  }

  boost::asio::awaitable<Result<void>> run(Store& store) const {
    if (!entries.empty()) return store.append(entries);
    if (!put.empty()) return store.put_pending(put);
    if (!erased.empty()) return store.erase_pending(erased);
    return store.record_exposures(exposed);
  }
};

class Calls {
 public:
  explicit Calls(std::uint64_t seed) : random_(seed) {}

  Call next() {
    Call call;
    const std::uint64_t count = 1 + random_() % 4;
    const std::uint64_t kind = random_() % 4;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string id = "id-" + std::to_string(random_() % 12);
      switch (kind) {
        case 0:
          call.entries.push_back(entry());
          break;
        case 1:
          call.put.push_back({id, "a", {{"seed", random_() % 1'000'000}}});
          break;
        case 2:
          call.erased.push_back(id);
          break;
        default:
          call.exposed.push_back({"a", id, WallTime(1), WallTime(random_() % 1'000), 1});
      }
    }
    return call;
  }

 private:
  Entry entry() {
    Entry made;
    made.flag = "a";
    made.kind = "advanced";
    made.by = "guard";
    made.reason = std::to_string(++made_) + std::string(random_() % 3'000, 'x');
    return made;
  }

  std::mt19937_64 random_;
  int made_ = 0;
};

DatabaseOptions options_of(const Disk& disk) {
  return {.path = kPath, .vfs = disk.vfs(), .checkpoint_pages = 8};
}

// What a freshly opened store holds; nothing if it refuses to open.
std::optional<Content> content_of(World& world, Store& store) {
  const auto loaded = *settle(world, 1, store.load({}));
  if (loaded.has_error()) return std::nullopt;
  const auto tail = *settle(world, 1, store.tail(kMaxTail));
  if (tail.has_error()) return std::nullopt;
  Content content;
  for (const Entry& entry : *tail) content.ledger.push_back(entry.reason);
  for (const PendingRead& read : loaded->pending) content.pending[read.id] = read.task.dump();
  for (const ExposureRecord& record : loaded->exposures)
    content.exposures[record.practitioner] = record.last.count();
  return content;
}

// Content that is acknowledged, and what a call did whose outcome is unknown.
struct Known {
  Content content;
  std::optional<Content> maybe;

  // Why `found` can't be, or nothing.
  std::string fault_of(const Content& found) const {
    if (found == content || (maybe && found == *maybe)) return "";
    return "acknowledged: " + std::to_string(content.ledger.size()) + " entries, " +
           std::to_string(content.pending.size()) + " pending, " +
           std::to_string(content.exposures.size()) +
           " exposures, and found: " + std::to_string(found.ledger.size()) + ", " +
           std::to_string(found.pending.size()) + ", " + std::to_string(found.exposures.size());
  }
};

// Calls until `count` are done or one fails; after that, no other may work.
std::string work(World& world, Store& store, Calls& calls, std::uint64_t count, Known& known) {
  bool has_failed = false;
  for (std::uint64_t i = 0; i < count; ++i) {
    const Call call = calls.next();
    const auto done = *settle(world, 1, call.run(store));
    if (has_failed && done.has_value()) return "a call worked after one had failed";
    if (has_failed) continue;
    has_failed = done.has_error();
    Content after = known.content;
    call.apply(after);
    if (has_failed)
      known.maybe = after;
    else
      known.content = after;
  }
  return "";
}

enum class Plant { none, log_not_synced, database_not_synced };

// A few lives of a store on one disk. Returns what is wrong, or nothing.
std::string run_lives(std::uint64_t seed, Plant plant) {
  std::mt19937_64 random(seed);
  Disk disk(seed);
  if (plant == Plant::log_not_synced) disk.lie_about_log_syncs();
  if (plant == Plant::database_not_synced) disk.lie_about_database_syncs();
  Calls calls(seed);
  Known known;
  for (int life = 0; life < 8; ++life) {
    World world(seed);
    auto store = std::make_unique<SqliteStore>(world.executor(1), options_of(disk));
    const bool is_healthy = random() % 3 == 0;
    const unsigned when = 1 + static_cast<unsigned>(random() % 120);
    if (!is_healthy && random() % 2 == 0)
      disk.fail_call(when);
    else if (!is_healthy)
      disk.fail_from_call(when);
    const auto found = content_of(world, *store);
    if (!found && !disk.has_failed()) return "a healthy disk could not be loaded";
    if (found) {
      const std::string fault = known.fault_of(*found);
      if (!fault.empty()) return "life " + std::to_string(life) + ": " + fault;
      known = {*found, std::nullopt};
      const std::string wrong = work(world, *store, calls, random() % 30, known);
      if (!wrong.empty()) return wrong;
    }
    const std::uint64_t end = random() % 4;
    if (end == 0) store.reset();  // Closed in good order, and then the power goes all the same.
    if (end == 1)
      disk.kill();
    else
      disk.crash();
  }
  return "";
}

// One life in which the n-th call fails, a crash, and a healthy one. True: the failure was reached.
bool run_with_failing_call(unsigned number, bool fails_on, bool is_power_cut) {
  CAPTURE(number);
  CAPTURE(fails_on);
  CAPTURE(is_power_cut);
  Disk disk(number);
  World world(1);
  Calls calls(7);
  Known known;
  auto store = std::make_unique<SqliteStore>(world.executor(1), options_of(disk));
  if (fails_on)
    disk.fail_from_call(number);
  else
    disk.fail_call(number);
  if (content_of(world, *store)) {
    CHECK(work(world, *store, calls, 25, known) == "");
  }
  store.reset();
  const bool was_reached = disk.has_failed();
  if (is_power_cut)
    disk.crash();
  else
    disk.kill();
  SqliteStore next(world.executor(1), options_of(disk));
  const auto found = content_of(world, next);
  REQUIRE(found.has_value());
  CHECK(known.fault_of(*found) == "");
  return was_reached;
}

}  // namespace

TEST_SUITE("guard/durability") {
  TEST_CASE("what was acknowledged survives crashes, kills and failing calls, and the chain") {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      CAPTURE(seed);
      CHECK(run_lives(seed, Plant::none) == "");
    }
  }

  TEST_CASE("without the sync of the log the same test fails") {
    int found = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed)
      found += !run_lives(seed, Plant::log_not_synced).empty();
    CHECK(found > 10);
  }

  TEST_CASE("without the sync of the database the same test fails") {
    int found = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed)
      found += !run_lives(seed, Plant::database_not_synced).empty();
    CHECK(found > 10);
  }

  TEST_CASE("the n-th call of the disk fails, for every n") {
    for (const bool fails_on : {false, true}) {
      for (const bool is_power_cut : {false, true}) {
        unsigned number = 1;
        while (run_with_failing_call(number, fails_on, is_power_cut)) ++number;
        CHECK(number > 100);
      }
    }
  }

  TEST_CASE("on a full disk nothing acknowledged is lost, and with space again a new store works") {
    Disk disk(1);
    World world(1);
    Calls calls(7);
    Known known;
    auto store = std::make_unique<SqliteStore>(world.executor(1), options_of(disk));
    REQUIRE(content_of(world, *store).has_value());
    REQUIRE(work(world, *store, calls, 10, known) == "");
    disk.fill();
    REQUIRE(work(world, *store, calls, 40, known) == "");
    CHECK(known.maybe.has_value());
    disk.kill();
    SqliteStore cold(world.executor(1), options_of(disk));
    CHECK_FALSE(content_of(world, cold).has_value());
    disk.free_space();
    disk.kill();
    SqliteStore next(world.executor(1), options_of(disk));
    const auto found = content_of(world, next);
    REQUIRE(found.has_value());
    CHECK(known.fault_of(*found) == "");
    known = {*found, std::nullopt};
    CHECK(work(world, next, calls, 10, known) == "");
    CHECK_FALSE(known.maybe.has_value());
  }
}

}  // namespace readback::guard
