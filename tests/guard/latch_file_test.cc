#include "guard/latch_file.h"

#include <doctest/doctest.h>

#include <functional>
#include <set>

#include "guard/digest.h"
#include "guard/latch_format.h"
#include "tests/simulation/latch_medium.h"

namespace readback::guard {
namespace {

using simulation::LatchMedium;
using simulation::SimulatedLatchDevice;

Latch latched(std::uint64_t generation, const std::string& reason = "notes were lost") {
  Latch latch;
  latch.is_latched = true;
  latch.generation = generation;
  latch.when = WallTime(1'767'225'600'000);
  latch.who = "guard";
  latch.cause = "loss";
  latch.reason = reason;
  latch.build = "9f3c";
  latch.max_evidence_age = std::chrono::seconds(45);
  return latch;
}

Latch clear(std::uint64_t generation) {
  Latch latch = latched(generation, "fixed");
  latch.is_latched = false;
  latch.cause = "operator";
  return latch;
}

bool same(const Latch& a, const Latch& b) {
  return a.is_latched == b.is_latched && a.is_readable == b.is_readable &&
         a.generation == b.generation && a.when == b.when && a.who == b.who && a.cause == b.cause &&
         a.reason == b.reason && a.build == b.build && a.max_evidence_age == b.max_evidence_age;
}

struct Fixture {
  LatchMedium medium{new_latch_file(false)};
  SimulatedLatchDevice device{medium};
  LatchFile file{device};
};

std::string flag_name(std::size_t number) {
  return "flag-" + std::to_string(number);
}

// What may be there after a crash: the last acknowledged latch, or one written since.
struct Expected {
  Latch acknowledged;
  bool is_certain = true;  // nothing was tried since
};

// Random reverts and re-arms with failing calls and crashes in between. Returns what is wrong, or
// nothing.
std::string run_with_crashes(std::uint64_t seed, bool lies) {
  std::mt19937_64 random(seed);
  LatchMedium medium(new_latch_file(false));
  if (lies) medium.lie_about_syncs();
  std::map<std::string, Expected> expected;
  for (int life = 0; life < 6; ++life) {
    SimulatedLatchDevice device(medium);
    LatchFile file(device);
    for (auto& [flag, what] : expected) {
      const Latch found = file.read(flag);
      if (what.is_certain && !same(found, what.acknowledged))
        return flag + " is not as acknowledged";
      what = {found, true};
      // Damage that a crash left behind is settled by whoever latches next.
    }
    if (random() % 2 == 0) medium.fail_call(1 + static_cast<unsigned>(random() % 40));
    const std::uint64_t steps = 1 + random() % 12;
    for (std::uint64_t step = 0; step < steps; ++step) {
      const std::string flag = flag_name(random() % 5);
      Expected& what = expected[flag];
      Latch next = random() % 2 == 0 ? latched(what.acknowledged.generation + 1)
                                     : clear(what.acknowledged.generation + 1);
      next.reason = "step " + std::to_string(random() % 1000);
      what.is_certain = false;
      if (file.write(flag, next).has_value())
        what = {next, true};
      else
        what.acknowledged = file.read(flag);
    }
    medium.crash(random);
  }
  return "";
}

}  // namespace

TEST_SUITE("guard/latch_file") {
  TEST_CASE("what was written is read, by another device, too") {
    Fixture f;
    REQUIRE(f.file.write("notes-editor-v2", latched(1)).has_value());
    SimulatedLatchDevice other(f.medium);
    CHECK(same(LatchFile(other).read("notes-editor-v2"), latched(1)));
    CHECK_FALSE(f.file.read("other").is_latched);
    CHECK(f.file.read_all().size() == 1);
    CHECK(f.file.damage().empty());
  }

  TEST_CASE("a revert beats a concurrent re-arm, whoever comes first") {
    Fixture f;
    REQUIRE(f.file.write("a", latched(1)).has_value());
    SUBCASE("the revert comes first: the re-arm is refused") {
      REQUIRE(f.file.write("a", latched(2, "again")).has_value());
      CHECK(f.file.write("a", clear(2)).has_error());
    }
    SUBCASE("the re-arm comes first: the revert is newer than what its writer read") {
      REQUIRE(f.file.write("a", clear(2)).has_value());
      REQUIRE(f.file.write("a", latched(2, "again")).has_value());
      CHECK(f.file.read("a").generation == 3);
    }
    CHECK(f.file.read("a").is_latched);
    CHECK(f.file.read("a").reason == "again");
  }

  TEST_CASE("a second revert of the same generation leaves the first one's reason") {
    Fixture f;
    REQUIRE(f.file.write("a", latched(1, "first")).has_value());
    CHECK(f.file.write("a", latched(1, "second")).has_value());
    CHECK(f.file.read("a").reason == "first");
  }

  TEST_CASE("clearing takes exactly the next generation") {
    Fixture f;
    REQUIRE(f.file.write("a", latched(5)).has_value());
    for (const std::uint64_t generation : {0u, 1u, 5u, 7u})
      CHECK(f.file.write("a", clear(generation)).has_error());
    CHECK(f.file.write("a", clear(6)).has_value());
    CHECK_FALSE(f.file.read("a").is_latched);
  }

  TEST_CASE("texts are cut at a character's end and lose what a terminal would obey") {
    Fixture f;
    Latch latch = latched(1, std::string(399, 'x') + "é");
    latch.who = std::string(62, 'x') + "\xF0\x9F\x98\x80";
    latch.build = "a\x1B[2J\xFF";
    REQUIRE(f.file.write("a", latch).has_value());
    const Latch kept = f.file.read("a");
    CHECK(kept.reason == std::string(399, 'x'));
    CHECK(kept.who == std::string(62, 'x'));
    CHECK(kept.build == "a [2J\xEF\xBF\xBD");
  }

  TEST_CASE("the longest texts fit, whatever they hold") {
    Fixture f;
    for (const char c : {'"', '\\', '\n', '\x01', '\xFF'}) {
      Latch latch = latched(~std::uint64_t{0} - 1);
      latch.who = latch.cause = latch.reason = latch.build = std::string(2'000, c);
      CHECK(f.file.write(std::string(kMaxLatchFlagBytes, 'k'), latch).has_value());
    }
  }

  TEST_CASE("what cannot be a flag's key is refused") {
    Fixture f;
    for (const std::string& key : {std::string(), std::string("a b"), std::string("\xFF"),
                                   std::string("a\0", 2), std::string(201, 'a')})
      CHECK(f.file.write(key, latched(1)).has_error());
  }

  TEST_CASE("a full file takes the slot that has been clear the longest, never a latched one") {
    Fixture f;
    for (std::size_t i = 0; i < kLatchSlots; ++i) {
      Latch latch = i == 7 || i == 9 ? clear(1) : latched(1);
      latch.when = WallTime(i == 9 ? 100 : 200);
      REQUIRE(f.file.write(flag_name(i), latch).has_value());
    }
    REQUIRE(f.file.write("new", latched(1)).has_value());
    CHECK(f.file.read("new").is_latched);
    CHECK(f.file.read_all().count(flag_name(9)) == 0);
    CHECK(f.file.read_all().count(flag_name(7)) == 1);
    REQUIRE(f.file.write("newer", latched(1)).has_value());
    CHECK(f.file.write("newest", latched(1)).has_error());
  }

  TEST_CASE("any flipped byte leaves the others as they were and latches whom it hits") {
    Fixture f;
    REQUIRE(f.file.write("clear", clear(1)).has_value());
    REQUIRE(f.file.write("latched", latched(1)).has_value());
    for (std::size_t at = 0; at < 4 * kLatchBlockBytes; at += 509) {
      CAPTURE(at);
      f.medium.flip(at, 0x20);
      const bool hits_header = at < kLatchBlockBytes;
      const std::size_t slot = at / kLatchBlockBytes - 1;
      const bool hits_name = hits_header || at % kLatchBlockBytes < kLatchNameBytes;
      const Latch was_clear = f.file.read("clear");
      CHECK(was_clear.is_latched == (hits_header || slot == 0));
      CHECK(was_clear.is_readable != was_clear.is_latched);
      CHECK(f.file.read("latched").is_latched);
      CHECK(f.file.read("latched").is_readable == !(hits_header || slot == 1));
      CHECK(f.file.read("unknown").is_latched == (hits_name || slot == 2));
      CHECK_FALSE(f.file.damage().empty());
      f.medium.flip(at, 0x20);
    }
    CHECK(f.file.damage().empty());
  }

  TEST_CASE("a file of another size, or that can't be read, latches every flag") {
    for (const std::size_t size : {0ul, 1ul, kLatchFileBytes - 1, kLatchFileBytes + 1}) {
      Fixture f;
      REQUIRE(f.file.write("a", clear(1)).has_value());
      f.medium.resize(size);
      CHECK(f.file.read("a").is_latched);
      CHECK_FALSE(f.file.read("a").is_readable);
      CHECK(f.file.write("a", clear(1)).has_error());
    }
    Fixture f;
    f.medium.fail_call(1);
    SimulatedLatchDevice other(f.medium);
    REQUIRE(other.lock({}).has_error());  // That was the failing call.
    REQUIRE(other.lock({}).has_value());
    f.medium.fail_call(1);
    CHECK(f.file.read("a").is_latched);
  }

  TEST_CASE("a file made in place of a lost one latches every flag until it is re-armed") {
    LatchMedium medium(new_latch_file(true));
    SimulatedLatchDevice device(medium);
    LatchFile file(device);
    CHECK(file.read("a").is_latched);
    CHECK_FALSE(file.read("a").is_readable);
    REQUIRE(file.write("a", clear(1)).has_value());
    CHECK_FALSE(file.read("a").is_latched);
    CHECK(file.read("b").is_latched);
  }

  TEST_CASE("a damaged slot is latched anew or re-armed by who owns it") {
    Fixture f;
    REQUIRE(f.file.write("a", latched(3)).has_value());
    f.medium.flip(slot_offset(0) + kLatchBlockBytes - 2, 1);
    SUBCASE("latched") {
      REQUIRE(f.file.write("a", latched(1, "again")).has_value());
      CHECK(f.file.read("a").reason == "again");
    }
    SUBCASE("re-armed") {
      REQUIRE(f.file.write("a", clear(1)).has_value());
      CHECK_FALSE(f.file.read("a").is_latched);
    }
    CHECK(f.file.damage().empty());
  }

  TEST_CASE("a re-arm whose sync fails leaves it latched") {
    Fixture f;
    REQUIRE(f.file.write("a", latched(1)).has_value());
    f.medium.fail_call(4);  // After lock, read and write.
    REQUIRE(f.file.write("a", clear(2)).has_error());
    CHECK(same(f.file.read("a"), latched(1)));
    std::mt19937_64 random(1);
    f.medium.crash(random);
    CHECK(same(f.file.read("a"), latched(1)));
  }

  TEST_CASE("the lock is let go after success and after failure") {
    Fixture f;
    SimulatedLatchDevice other(f.medium);
    REQUIRE(other.lock({}).has_value());
    CHECK(f.file.write("a", latched(1)).has_error());
    other.unlock();
    for (unsigned failing = 1; failing < 5; ++failing) {
      f.medium.fail_call(failing);
      (void)f.file.write("a", latched(failing));
      CHECK(LatchFile(other).write("b", latched(failing)).has_value());
    }
  }

  TEST_CASE("what was acknowledged survives crashes that drop or tear what was not synced") {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      CAPTURE(seed);
      CHECK(run_with_crashes(seed, false) == "");
    }
  }

  TEST_CASE("without the sync the same test fails") {
    int found = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) found += !run_with_crashes(seed, true).empty();
    CHECK(found > 10);
  }

  TEST_CASE("the bytes are those of every release") {
    Latch latch = latched(7);
    const std::string block = encode_slot(3, "notes-editor-v2", latch);
    CHECK(block.size() == kLatchBlockBytes);
    CHECK(block.substr(0, 35) == R"({"flag":"notes-editor-v2","slot":3})");
    // Computed in Python from the format as guard/latch_format.h has it: json.dumps with sorted
    // keys, ljust, hashlib.sha256.
    CHECK(to_hex(sha256(block)) ==
          "768cb3803d44cc79568e0a4a54a3bbb911da857f15041684d0d7b28a6a8d0419");
    CHECK(to_hex(sha256(new_latch_file(false))) ==
          "5bbdf37aa5cfcadd95bd6eb5e7185d4731adeb15da04e007670e4b748401696a");
  }
}

}  // namespace readback::guard
