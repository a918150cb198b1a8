#include "guard/publisher.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

namespace readback::guard {
namespace {
using namespace std::chrono_literals;

flags::Exposure exposure_at(unsigned step) {
  flags::Exposure exposure;
  exposure.step = step;
  exposure.share = flags::Share{step};
  return exposure;
}

}  // namespace

TEST_SUITE("guard/publisher") {
  TEST_CASE("a reader sees each swap, and the snapshot that it keeps does not change") {
    Publisher publisher;
    Publisher::Reader reader(publisher);
    CHECK(reader.read().exposures.empty());
    const auto before = publisher.current();
    const std::uint64_t generation = publisher.generation();
    publisher.set_exposure("flag", exposure_at(1));
    CHECK(publisher.generation() == generation + 1);
    CHECK(reader.read().exposures.at("flag").step == 1);
    CHECK(before->exposures.empty());
    CHECK(&reader.read() == publisher.current().get());
  }

  TEST_CASE("a change of one part leaves the others") {
    Publisher publisher;
    const auto definitions = std::make_shared<const flags::Definitions>();
    publisher.set_definitions(definitions);
    publisher.set_exposure("flag", exposure_at(1));
    publisher.set_exposure("another", exposure_at(2));
    publisher.pin("flag", "synthetic-1", {"new", 7s});
    publisher.pin("flag", "synthetic-2", {"old", 7s});
    publisher.unpin("flag", "synthetic-1");
    publisher.unpin("unknown", "synthetic-1");
    const auto now = publisher.current();
    CHECK(now->definitions == definitions);
    CHECK(now->exposures.at("flag").step == 1);
    CHECK(now->exposures.at("another").step == 2);
    CHECK(now->pins.at("flag").size() == 1);
    publisher.unpin("flag", "synthetic-2");
    CHECK(publisher.current()->pins.empty());
  }

  TEST_CASE("who may get less by it is told of a swap, and by a renewal or widening nobody") {
    using Mode = flags::Exposure::Mode;
    Publisher publisher;
    unsigned told = 0;
    publisher.when_narrowed([&] { ++told; });
    struct Row {
      Mode mode;
      unsigned ppm;
      bool is_narrower;
    };
    for (const Row& row :
         {Row{Mode::safe, 0, false}, Row{Mode::leased, 10, false}, Row{Mode::leased, 10, false},
          Row{Mode::leased, 20, false}, Row{Mode::leased, 10, true}, Row{Mode::finished, 10, false},
          Row{Mode::leased, 10, false}, Row{Mode::safe, 0, true}, Row{Mode::safe, 0, false},
          Row{Mode::finished, 10, false}, Row{Mode::safe, 10, true}}) {
      CAPTURE(row.ppm);
      const unsigned before = told;
      flags::Exposure exposure;
      exposure.mode = row.mode;
      exposure.share = flags::Share{row.ppm};
      publisher.set_exposure("flag", exposure);
      CHECK((told > before) == row.is_narrower);
    }
    told = 0;
    publisher.pin("flag", "synthetic-1", {"new", 7s});
    publisher.unpin_all("flag");
    CHECK(told == 0);
    publisher.set_definitions(std::make_shared<flags::Definitions>());
    CHECK(told == 1);
  }

  TEST_CASE("readers of other threads see whole snapshots only, and never go back") {
    Publisher publisher;
    publisher.set_exposure("flag", exposure_at(0));
    std::atomic<bool> is_over = false;
    bool is_whole = true, is_forward = true;
    std::thread other([&] {
      Publisher::Reader reader(publisher);
      unsigned last = 0;
      while (!is_over) {
        const flags::Exposure& seen = reader.read().exposures.at("flag");
        is_whole = is_whole && seen.share.ppm == seen.step;
        is_forward = is_forward && seen.step >= last;
        last = seen.step;
      }
    });
    for (unsigned step = 1; step <= 5'000; ++step)
      publisher.set_exposure("flag", exposure_at(step));
    is_over = true;
    other.join();
    CHECK(is_whole);
    CHECK(is_forward);
  }
}

}  // namespace readback::guard
