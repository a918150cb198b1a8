#include "guard/state_directory.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "guard/latch_format.h"
#include "tests/temporary_directory.h"

namespace readback::guard {
namespace {

// Another process that holds the lock of `state` until it is killed; stopped, if so wished, as a
// hung daemon would be.
class Daemon {
 public:
  Daemon(const StateDirectory& state, bool is_stopped) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    process_ = fork();
    if (process_ == 0) {
      const auto lock = state.take_lock();
      const char answer = lock.has_value() ? 'y' : 'n';
      if (write(ends[1], &answer, 1) != 1) _exit(1);
      while (true) pause();
    }
    char answer = 0;
    REQUIRE(read(ends[0], &answer, 1) == 1);
    CHECK(answer == 'y');
    close(ends[0]);
    close(ends[1]);
    if (is_stopped) kill(process_, SIGSTOP);
  }
  ~Daemon() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  pid_t process() const { return process_; }

 private:
  pid_t process_ = -1;
};

struct Fixture {
  TemporaryDirectory directory;
  StateDirectory state{directory.file("a/b")};
  Fixture() { REQUIRE(state.make().has_value()); }
};

Latch latched() {
  Latch latch;
  latch.is_latched = true;
  latch.generation = 1;
  latch.reason = "lost";
  return latch;
}

}  // namespace

TEST_SUITE("guard/state_directory") {
  TEST_CASE("the option comes before the environment, and that before the default") {
    REQUIRE(setenv("READBACK_STATE", "/env", 1) == 0);
    CHECK(StateDirectory::find("/option").path() == "/option");
    CHECK(StateDirectory::find("").path() == "/env");
    REQUIRE(setenv("READBACK_STATE", "", 1) == 0);
    CHECK(StateDirectory::find("").path() == "/var/lib/readback");
    unsetenv("READBACK_STATE");
  }

  TEST_CASE("a path that no socket can have is refused") {
    TemporaryDirectory directory;
    CHECK(StateDirectory(directory.file(std::string(100, 'x'))).make().has_error());
  }

  TEST_CASE("the lock's owner is named, refused a second time and killed, hung or not") {
    for (const bool is_stopped : {false, true}) {
      Fixture f;
      CHECK(f.state.lock_owner().value() == std::nullopt);
      CHECK(f.state.kill_lock_owner(std::chrono::seconds(5)).value() == false);
      const Daemon daemon(f.state, is_stopped);
      CHECK(f.state.lock_owner().value() == daemon.process());
      const auto second = f.state.take_lock();
      REQUIRE(second.has_error());
      CHECK(second.error().what ==
            "process " + std::to_string(daemon.process()) + " guards with this state directory");
      CHECK(f.state.kill_lock_owner(std::chrono::seconds(5)).value() == true);
      CHECK(f.state.lock_owner().value() == std::nullopt);
      CHECK(f.state.take_lock().has_value());
    }
  }

  TEST_CASE("a last run is read as it was written, and nothing else is") {
    Fixture f;
    CHECK(f.state.read_last_run().has_error());
    LastRun run;
    run.ofrep_address = "127.0.0.1:8016";
    run.token_file = "/etc/readback/token";
    run.flags["notes-editor-v2"] = {"9f3c", std::chrono::seconds(45), std::chrono::seconds(7)};
    REQUIRE(f.state.write_last_run(run).has_value());
    const auto read = f.state.read_last_run();
    REQUIRE(read.has_value());
    CHECK(read->ofrep_address == run.ofrep_address);
    CHECK(read->token_file == run.token_file);
    CHECK(read->flags.at("notes-editor-v2").build == "9f3c");
    CHECK(read->flags.at("notes-editor-v2").max_evidence_age == std::chrono::seconds(45));
    CHECK(read->flags.at("notes-editor-v2").held_until == std::chrono::seconds(7));
    for (const char* wrong : {"", "{", "[]", "{}", R"({"version":2})",
                              R"({"version":1,"ofrep_address":1,"token_file":"","flags":{}})"}) {
      std::ofstream(f.state.last_run(), std::ios::trunc) << wrong;
      CHECK(f.state.read_last_run().has_error());
    }
  }

  TEST_CASE(
      "what was served under a longer age, or a flag that is gone, is held as long as it was") {
    using namespace std::chrono_literals;
    LastRun before;
    before.flags = {{"gone", {"b", 60s, 0s}},
                    {"longer now", {"b", 30s, 0s}},
                    {"shorter now", {"b", 60s, 0s}},
                    {"shorter before", {"b", 30s, 1'050s}},
                    {"gone long ago", {"b", 0s, 990s}}};
    LastRun run;
    run.flags = {{"longer now", {"c", 45s, 0s}},
                 {"shorter now", {"c", 45s, 0s}},
                 {"shorter before", {"c", 30s, 0s}},
                 {"new", {"c", 45s, 0s}}};
    keep_bounds(before, 1'002s, run);
    const std::map<std::string, std::chrono::milliseconds> expected = {{"gone", 1'060s},
                                                                       {"longer now", 0s},
                                                                       {"new", 0s},
                                                                       {"shorter before", 1'050s},
                                                                       {"shorter now", 1'060s}};
    REQUIRE(run.flags.size() == expected.size());
    for (const auto& [key, until] : expected) {
      CAPTURE(key);
      CHECK(run.flags.at(key).held_until == until);
    }
    CHECK(run.flags.at("gone").max_evidence_age == 0s);
    CHECK(run.flags.at("shorter now").max_evidence_age == 45s);
  }

  TEST_CASE("latches are kept in a real file, whole and preallocated from the first moment") {
    Fixture f;
    {
      auto device = f.state.open_latches();
      REQUIRE(device.has_value());
      LatchFile file(**device);
      CHECK_FALSE(file.read("a").is_latched);
      CHECK(file.damage() == "");
      REQUIRE(file.write("a", latched()).has_value());
    }
    struct stat status {};
    REQUIRE(stat(f.state.latches().c_str(), &status) == 0);
    CHECK(status.st_size == kLatchFileBytes);
    CHECK(status.st_blocks * 512 >= static_cast<blkcnt_t>(kLatchFileBytes));
    CHECK((status.st_mode & 0777) == 0660);
    auto device = f.state.open_latches();
    REQUIRE(device.has_value());
    CHECK(LatchFile(**device).read("a").reason == "lost");
    CHECK_FALSE(LatchFile(**device).read("b").is_latched);
  }

  TEST_CASE("two devices of one process exclude each other") {
    Fixture f;
    auto one = f.state.open_latches();
    auto other = f.state.open_latches();
    REQUIRE((*one)->lock({}).has_value());
    CHECK((*other)->lock(std::chrono::milliseconds(20)).has_error());
    CHECK(LatchFile(**other).write("a", latched(), {}).has_error());
    (*one)->unlock();
    CHECK(LatchFile(**other).write("a", latched()).has_value());
  }

  TEST_CASE("a latch file that is gone while a database or a last run is there latches all") {
    for (const bool has_database : {false, true}) {
      Fixture f;
      std::ofstream(has_database ? f.state.database() : f.state.last_run()) << "";
      auto device = f.state.open_latches();
      REQUIRE(device.has_value());
      CHECK(LatchFile(**device).read("a").is_latched);
      CHECK_FALSE(LatchFile(**device).damage().empty());
    }
  }

  TEST_CASE("a symbolic link in the place of the latch file is not followed") {
    Fixture f;
    REQUIRE(symlink("/etc/passwd", f.state.latches().c_str()) == 0);
    CHECK(f.state.open_latches().has_error());
  }
}

}  // namespace readback::guard
