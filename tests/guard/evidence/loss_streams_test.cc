#include "guard/evidence/loss_streams.h"

#include <doctest/doctest.h>

#include <random>

namespace readback::guard {
namespace {

using namespace std::chrono_literals;

SettledRead read_of(const std::string& field, const std::string& payload_class,
                    const std::string& path, bool has_failed = false) {
  return {{"visit", field, payload_class}, {path, 0ms}, has_failed};
}

const LossTerms& terms() {
  static const LossTerms kTerms{LossParameters{.p0 = 1e-4, .false_revert_probability = 1e-4}};
  return kTerms;
}

// Some batches as a rollout makes them: a write's fields, each read by two paths.
std::vector<SettledRead> batch_of(std::mt19937_64& random, unsigned one_in) {
  const char* payload_class = random() % 2 == 0 ? "astral" : "plain";
  std::vector<SettledRead> batch;
  for (const char* field : {"interview", "plan"})
    for (const char* path : {"record", "list"})
      batch.push_back(read_of(field, payload_class, path, random() % one_in == 0));
  return batch;
}

}  // namespace

TEST_SUITE("guard/evidence/loss_streams") {
  TEST_CASE("what is shared out is at most the false revert probability, and nearly all of it") {
    for (const double p0 : {1e-6, 1e-5, 1e-3}) {
      for (const double alpha : {1e-6, 1e-2}) {
        const LossTerms some(LossParameters{.p0 = p0, .false_revert_probability = alpha});
        CAPTURE(p0);
        CAPTURE(alpha);
        CHECK(some.bound() <= alpha);
        CHECK(some.bound() > 0.5 * alpha);
      }
    }
  }

  TEST_CASE("a cell takes its share in order of appearance, not of failure") {
    LossStreams streams;
    streams.add(terms(), {read_of("b", "plain", "record", true), read_of("a", "plain", "record")});
    const LossStream* first = streams.find(StreamGroup::cell, "visit/a/plain by record after 0 s");
    REQUIRE(first);
    CHECK(first->index() == 0);
    CHECK(first->log_limit() <
          streams.find(StreamGroup::cell, "visit/b/plain by record after 0 s")->log_limit());
    CHECK(streams.find(StreamGroup::field, "visit/a")->index() == 0);
    CHECK(streams.find(StreamGroup::all, "all")->counts().probes() == 2);
    CHECK(streams.find(StreamGroup::all, "all")->counts().failures() == 1);
    CHECK_FALSE(streams.find(StreamGroup::journey, "visit"));
  }

  TEST_CASE("a total loss crosses, and says why") {
    LossStreams streams;
    int losses = 0;
    for (; !streams.crossing(); ++losses)
      streams.add(terms(), {read_of("interview", "astral", "record", true)});
    CHECK(losses <= 3);
    CHECK_FALSE(streams.crossing()->words().empty());
    const auto crossing = *streams.crossing();
    streams.add(terms(), {read_of("interview", "astral", "record", true)});
    CHECK(streams.crossing()->stream == crossing.stream);
  }

  TEST_CASE("losses that are spread over the cells cross in a pool") {
    LossStreams streams;
    for (int i = 0; i < 200 && !streams.crossing(); ++i)
      streams.add(terms(), {read_of("interview", "class" + std::to_string(i), "record", true)});
    REQUIRE(streams.crossing());
    CHECK(streams.crossing()->group != StreamGroup::cell);
  }

  TEST_CASE("a fold of the journals is bit-equal, however they were cut") {
    std::mt19937_64 random(3);
    for (int trial = 0; trial < 30; ++trial) {
      LossStreams live, folded;
      nlohmann::json ledger = nlohmann::json::array();
      for (int tick = 0; tick < 60; ++tick) {
        for (unsigned i = 0; i < random() % 20; ++i) {
          const auto batch = batch_of(random, trial % 3 == 0 ? 8 : 400);
          if (random() % 4 == 0 &&
              std::none_of(batch.begin(), batch.end(), [](auto& one) { return one.has_failed; }))
            live.add_oks(terms(), batch, 1 + random() % 1'000);
          else
            live.add(terms(), batch);
        }
        if (random() % 25 == 0) live.step(terms());
        ledger.push_back(live.take_journal());
      }
      for (const auto& entry : ledger)
        REQUIRE(folded.fold(terms(), nlohmann::json::parse(entry.dump())));
      const bool is_equal = folded.snapshot().dump() == live.snapshot().dump();
      REQUIRE(is_equal);
      CHECK(folded.take_journal().is_null());
      CHECK(live.crossing().has_value() == folded.crossing().has_value());
    }
  }

  TEST_CASE("restored from a snapshot it goes on bit-equal") {
    std::mt19937_64 random(4);
    LossStreams live;
    for (int i = 0; i < 300; ++i) live.add(terms(), batch_of(random, 100));
    live.take_journal();
    auto restored = LossStreams::restore(terms(), nlohmann::json::parse(live.snapshot().dump()));
    REQUIRE(restored);
    for (int i = 0; i < 300; ++i) {
      const auto batch = batch_of(random, 50);
      live.add(terms(), batch);
      restored->add(terms(), batch);
    }
    CHECK(live.take_journal() == restored->take_journal());
    const bool is_equal = live.snapshot().dump() == restored->snapshot().dump();
    CHECK(is_equal);
  }

  TEST_CASE("a journal that does not fit is refused whole") {
    LossStreams live;
    live.add(terms(), {read_of("interview", "astral", "record", true)});
    const auto good = live.take_journal();
    LossStreams other;
    REQUIRE(other.fold(terms(), good));
    const auto before = other.snapshot();
    for (const char* broken :
         {"7", "[7]", "[{}]", R"([{"stream": 99, "events": []}])",
          R"([{"stream": 0, "events": [[1, 1]]}, {"stream": 0, "events": [[1, 1, 1, 2]]}])",
          R"([{"stream": 0, "events": ["leap"]}])", R"([{"stream": 0, "events": [[2, 1]]}])",
          R"([{"stream": 0, "events": [[-1, 1]]}])"})
      CHECK_FALSE(other.fold(terms(), nlohmann::json::parse(broken)));
    CHECK(other.snapshot() == before);
    CHECK_FALSE(LossStreams::restore(terms(), nlohmann::json::parse("{}")));
    // A ledger of other parameters.
    const LossTerms others{LossParameters{.p0 = 1e-4, .false_revert_probability = 1e-3}};
    CHECK_FALSE(LossStreams::restore(others, live.snapshot()));
  }

  TEST_CASE("what can't be meant is refused") {
    CHECK_FALSE(fault_of(LossParameters{}));
    CHECK(fault_of(LossParameters{.p0 = 0.5}));
    CHECK(fault_of(LossParameters{.false_revert_probability = 0}));
    CHECK(fault_of(LossParameters{.horizon = 0}));
    CHECK(fault_of(LossParameters{.shares = {.cell = 0.9}}));
    CHECK(fault_of(LossParameters{.mixture_part = 1.5}));
    CHECK(fault_of(LossParameters{.from_start = {.first = 0.9}}));
  }
}

}  // namespace readback::guard
