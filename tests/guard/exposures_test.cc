#include "guard/exposures.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <utility>

#include "tests/guard/recording_store.h"

namespace readback::guard {
namespace {
using namespace std::chrono_literals;

const std::string kKey(32, 'k');

// Serves treatment as the route does: written first if need be, then counted. False: not served.
bool serve(Exposures& exposures, const Exposures::Person& person) {
  if (!exposures.holds(person.flag, person.practitioner)) {
    run_alone(exposures.admit(std::vector(1, person)));
  }
  if (!exposures.holds(person.flag, person.practitioner)) return false;
  exposures.served(person);
  return true;
}

std::string temporary_directory() {
  std::string name = "/tmp/readback-exposures-XXXXXX";
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  return name;
}

}  // namespace

TEST_SUITE("guard/exposures") {
  TEST_CASE("the name of a practitioner is pinned, keyed, and another for each flag") {
    // By another hand: printf 'flag\0anna' | openssl dgst -sha256 -hmac "$(printf 'k%.0s' {1..32})"
    CHECK(exposure_name(kKey, "flag", "anna") ==
          "201020325b8f9df2a0ff33e4ec78e893afae8800e75fdc2351093f8733b534f3");
    CHECK(exposure_name(kKey, "flag", "bert") != exposure_name(kKey, "flag", "anna"));
    CHECK(exposure_name(kKey, "other", "anna") != exposure_name(kKey, "flag", "anna"));
    CHECK(exposure_name(std::string(32, 'l'), "flag", "anna") !=
          exposure_name(kKey, "flag", "anna"));
  }

  TEST_CASE("first and last time and step are kept, and survive a restart") {
    StandingClock clock;
    RecordingStore store;
    Exposures exposures(clock, &store, {.key = kKey});
    const WallTime first = clock.wall();
    CHECK(serve(exposures, {"flag", "anna", 0}));
    clock.pass(2h);
    CHECK(serve(exposures, {"flag", "anna", 3}));
    CHECK(run_alone(exposures.flush()).has_value());

    Exposures restarted(clock, &store, {.key = kKey});
    restarted.load({store.written.back()});
    CHECK(restarted.holds("flag", "anna"));
    REQUIRE(restarted.records("flag").size() == 1);
    const ExposureRecord record = restarted.records("flag")[0];
    CHECK(record.practitioner == exposure_name(kKey, "flag", "anna"));
    CHECK(record.first == first);
    CHECK(record.last == first + 2h);
    CHECK(record.step == 3);
  }

  TEST_CASE("ids are recorded only for flags whose plan allows it") {
    StandingClock clock;
    RecordingStore store;
    Exposures exposures(clock, &store, {.key = kKey});
    exposures.allow_ids({"open"});
    CHECK(serve(exposures, {"open", "anna", 0}));
    CHECK(serve(exposures, {"closed", "anna", 0}));
    CHECK(exposures.records("open")[0].practitioner == "anna");
    CHECK(exposures.records("closed")[0].practitioner != "anna");
  }

  TEST_CASE("at the bound nobody new is admitted, and who is in stays in") {
    StandingClock clock;
    RecordingStore store;
    Exposures exposures(clock, &store, {.key = kKey, .records_a_flag = 3});
    run_alone(exposures.admit({{"flag", "anna", 0}, {"flag", "bert", 0}}));
    // Two newcomers for one place: one gets it.
    run_alone(exposures.admit({{"flag", "carl", 0}, {"flag", "dora", 0}}));
    CHECK(exposures.is_full("flag"));
    CHECK(exposures.count("flag") == 3);
    CHECK(store.written.size() == 3);
    CHECK_FALSE(serve(exposures, {"flag", "dora", 0}));
    CHECK(serve(exposures, {"flag", "anna", 0}));
    CHECK(serve(exposures, {"another", "dora", 0}));  // The bound is each flag's own.
  }

  TEST_CASE("a write that fails admits nobody and takes no place") {
    StandingClock clock;
    RecordingStore store;
    store.is_broken = true;
    Exposures exposures(clock, &store, {.key = kKey, .records_a_flag = 1});
    CHECK_FALSE(serve(exposures, {"flag", "anna", 0}));
    CHECK(exposures.count("flag") == 0);
    CHECK(exposures.records("flag").empty());
    store.is_broken = false;
    CHECK(serve(exposures, {"flag", "bert", 0}));

    Exposures without_store(clock, nullptr, {.key = kKey});
    CHECK_FALSE(serve(without_store, {"flag", "anna", 0}));
    CHECK(run_alone(without_store.flush()).has_value());
  }

  TEST_CASE("nobody is held while his record is still being written") {
    StandingClock clock;
    RecordingStore store;
    Exposures exposures(clock, &store, {.key = kKey, .records_a_flag = 1});
    bool was_held = true;
    store.while_writing = [&] {
      was_held = exposures.holds("flag", "anna") || !exposures.records("flag").empty();
      CHECK(exposures.is_full("flag"));  // His place is taken already.
    };
    CHECK(serve(exposures, {"flag", "anna", 0}));
    CHECK_FALSE(was_held);
  }

  TEST_CASE("who asks twice at once is held if either write succeeds") {
    StandingClock clock;
    RecordingStore store;
    Exposures exposures(clock, &store, {.key = kKey, .records_a_flag = 1});
    bool is_first = true;
    store.while_writing = [&] {
      if (!std::exchange(is_first, false)) return;
      store.is_broken = true;
      run_alone(exposures.admit({{"flag", "anna", 0}}));
      store.is_broken = false;
      CHECK_FALSE(exposures.holds("flag", "anna"));
      CHECK(exposures.is_full("flag"));
    };
    run_alone(exposures.admit({{"flag", "anna", 0}}));
    CHECK(exposures.holds("flag", "anna"));
    CHECK(exposures.count("flag") == 1);
  }

  TEST_CASE("known practitioners cost a write a minute at most, and none is lost by a failure") {
    StandingClock clock;
    RecordingStore store;
    Exposures exposures(clock, &store, {.key = kKey});
    CHECK(serve(exposures, {"flag", "anna", 0}));
    for (int second = 0; second < 59; ++second) {
      clock.pass(1s);
      CHECK(serve(exposures, {"flag", "anna", 0}));
      CHECK(run_alone(exposures.flush()).has_value());
    }
    CHECK(store.writes == 1);
    clock.pass(1s);
    CHECK(serve(exposures, {"flag", "anna", 0}));
    store.is_broken = true;
    CHECK_FALSE(run_alone(exposures.flush()).has_value());
    store.is_broken = false;
    CHECK(run_alone(exposures.flush()).has_value());
    CHECK(store.written.back().last == clock.wall());
    CHECK(serve(exposures, {"flag", "anna", 1}));  // Another step is news at once.
    CHECK(run_alone(exposures.flush()).has_value());
    CHECK(store.written.back().step == 1);
  }

  TEST_CASE("a wall clock that is set back never moves the last time back") {
    StandingClock clock;
    RecordingStore store;
    Exposures exposures(clock, &store, {.key = kKey});
    const WallTime first = clock.wall();
    CHECK(serve(exposures, {"flag", "anna", 0}));
    clock.wall_time -= 1h;
    CHECK(serve(exposures, {"flag", "anna", 0}));
    CHECK(exposures.records("flag")[0].last == first);
  }

  TEST_CASE("the key is made once, for its owner only, and never guessed") {
    const std::string path = temporary_directory() + "/exposure.key";
    const std::string key = exposure_key(path).value();
    CHECK(key.size() == 32);
    CHECK(exposure_key(path).value() == key);
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    for (const std::string& wrong : {std::string(), std::string(31, 'k'), std::string(33, 'k')}) {
      std::ofstream(path, std::ios::trunc) << wrong;
      CHECK(exposure_key(path).error().where == path);
    }
    CHECK_FALSE(exposure_key("/nowhere/exposure.key").has_value());
    CHECK(exposure_key(temporary_directory() + "/exposure.key").value() != key);
  }
}

}  // namespace readback::guard
