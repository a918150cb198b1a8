#include "guard/evidence/harm.h"

#include <doctest/doctest.h>

#include <map>

#include "guard/evidence/gather.h"

namespace readback::guard {
namespace {

using probes::Outcome;
using namespace std::chrono_literals;

const probes::ReadPoint kRecord{"record", 0ms};
const probes::ReadPoint kSearch{"search", 0ms};
const probes::ReadPoint kLater{"record", 60s};
const probes::Cell kCell{"visit", "interview", "astral"};

Terms terms_of_test() {
  Terms terms;
  terms.payload_classes = {"astral"};
  terms.streams = {{"visit", "interview", {kRecord, kSearch, kLater}, true}};
  terms.round_deadline = 10s;
  return terms;
}

// Blocks of one treatment (member 0) and three controls; each outcome is told as it comes.
class Told {
 public:
  explicit Told(Terms of = terms_of_test()) : terms(std::move(of)), harm(terms.evidence) {}

  void open(std::uint64_t number) {
    blocks_.emplace(number, Block({number, "visit", "astral", 4, 0, false, at(number)}));
  }
  void tell(std::uint64_t number, unsigned member, Outcome outcome,
            const probes::ReadPoint& read = kRecord, bool is_void = false) {
    probes::Observation observation;
    observation.block = number;
    observation.member = member;
    observation.arm = member == 0 ? probes::Arm::treatment : probes::Arm::control;
    observation.cell = kCell;
    observation.read = read;
    observation.outcome = outcome;
    observation.loss_class = loss_class;
    observation.is_void = is_void;
    const auto found = blocks_.find(number);
    Block* const block = found == blocks_.end() ? nullptr : &found->second;
    if (block != nullptr) block->record(observation, at(number));
    gather(terms, observation, block, at(number), true, at(number + 1), harm);
  }
  // All reads of delay 0.
  void block(std::uint64_t number, Outcome treatment, Outcome one, Outcome others) {
    open(number);
    for (const probes::ReadPoint& read : {kRecord, kSearch}) {
      tell(number, 0, treatment, read);
      tell(number, 1, one, read);
      tell(number, 2, others, read);
      tell(number, 3, others, read);
    }
  }
  void healthy(std::uint64_t from, unsigned count) {
    for (unsigned i = 0; i < count; ++i) block(from + i, Outcome::ok, Outcome::ok, Outcome::ok);
  }
  void overdue(std::uint64_t number, std::chrono::seconds later) {
    flags::Moment now = at(number);
    now.boot += later;
    gather_overdue(terms, blocks_.at(number), now, harm);
  }
  std::uint64_t probes(StreamGroup group, const std::string& name) const {
    const LossStream* stream = harm.treatment().find(group, name);
    return stream == nullptr ? 0 : stream->counts().probes();
  }
  std::uint64_t failures(StreamGroup group, const std::string& name) const {
    const LossStream* stream = harm.treatment().find(group, name);
    return stream == nullptr ? 0 : stream->counts().failures();
  }
  static flags::Moment at(std::uint64_t number) {
    return {std::chrono::seconds(number), std::chrono::seconds(number)};
  }

  Terms terms;
  Harm harm;
  probes::LossClass loss_class = probes::LossClass::field_missing;  // of what fails next

 private:
  std::map<std::uint64_t, Block> blocks_;
};

constexpr Outcome kOk = Outcome::ok;
constexpr Outcome kFail = Outcome::fail;
constexpr Outcome kInfo = Outcome::info;

void check_equal(const Harm& one, const Harm& other) {
  CHECK(one.treatment().snapshot() == other.treatment().snapshot());
  CHECK(one.control().snapshot() == other.control().snapshot());
  CHECK(one.blame().snapshot() == other.blame().snapshot());
  CHECK(one.not_ok().snapshot() == other.not_ok().snapshot());
  CHECK(one.durable() == other.durable());
  CHECK(one.words() == other.words());
  CHECK(one.budget() == other.budget());
  CHECK(one.ill_controls() == other.ill_controls());
  CHECK(one.control_history().probes == other.control_history().probes);
  CHECK(one.step().missing(terms_of_test()) == other.step().missing(terms_of_test()));
}

}  // namespace

TEST_SUITE("guard/evidence/harm") {
  TEST_CASE("what two blocks amount to") {
    struct Row {
      Outcome first[3];  // treatment, control, the other controls
      Outcome second[3];
      Finding after_first;
      Finding after_second;
    };
    const Row rows[] = {
        {{kOk, kOk, kOk}, {kOk, kOk, kOk}, Finding::none, Finding::none},
        {{kFail, kOk, kOk}, {kFail, kOk, kOk}, Finding::suspect, Finding::lost},
        {{kFail, kInfo, kOk}, {kFail, kOk, kOk}, Finding::suspect, Finding::lost},
        {{kFail, kOk, kOk}, {kOk, kOk, kOk}, Finding::suspect, Finding::suspect},
        {{kFail, kOk, kOk}, {kInfo, kOk, kOk}, Finding::suspect, Finding::suspect},
        {{kFail, kOk, kOk}, {kFail, kFail, kFail}, Finding::suspect, Finding::platform},
        {{kFail, kFail, kFail}, {kFail, kOk, kOk}, Finding::platform, Finding::platform},
        {{kOk, kFail, kOk}, {kOk, kFail, kFail}, Finding::none, Finding::none},
        {{kInfo, kInfo, kInfo}, {kInfo, kInfo, kInfo}, Finding::none, Finding::none},
    };
    for (const Row& row : rows) {
      CAPTURE(&row - rows);
      Told told;
      told.block(1, row.first[0], row.first[1], row.first[2]);
      CHECK(told.harm.finding() == row.after_first);
      told.block(2, row.second[0], row.second[1], row.second[2]);
      CHECK(told.harm.finding() == row.after_second);
    }
  }

  TEST_CASE("total loss names the flag within five blocks") {
    Told told;
    std::uint64_t blocks = 0;
    while (!told.harm.blame().crosses() && blocks < 10) told.block(++blocks, kFail, kOk, kOk);
    CHECK(blocks == 4);
    CHECK(told.harm.finding() == Finding::flag);
    REQUIRE(told.harm.conviction().has_value());
    CHECK(told.harm.conviction()->cell == kCell);
    CHECK(told.harm.conviction()->first_failed_write == Told::at(1));
    CHECK(told.harm.words().find("lost with the flag on and not with it off: visit, interview, "
                                 "payload class astral, read by search: field_missing") == 0);
  }

  TEST_CASE("the reads of a write at one delay are one batch, once all are settled or overdue") {
    Told told;
    told.open(1);
    told.tell(1, 0, kOk);
    CHECK(told.probes(StreamGroup::all, "all") == 0);
    SUBCASE("settled") {
      told.tell(1, 0, kFail, kSearch);
      CHECK(told.probes(StreamGroup::all, "all") == 2);
      CHECK(told.failures(StreamGroup::all, "all") == 1);
      CHECK(told.failures(StreamGroup::path, "search") == 1);
      CHECK(told.failures(StreamGroup::path, "record") == 0);
    }
    SUBCASE("info is no probe") {
      told.tell(1, 0, kInfo, kSearch);
      CHECK(told.probes(StreamGroup::all, "all") == 1);
    }
    SUBCASE("overdue") {
      told.overdue(1, 9s);
      CHECK(told.probes(StreamGroup::all, "all") == 0);
      told.overdue(1, 10s);
      CHECK(told.probes(StreamGroup::all, "all") == 1);
      told.tell(1, 0, kFail, kSearch);  // It makes the cell suspect; the batch is told.
      CHECK(told.harm.finding() == Finding::suspect);
      CHECK(told.probes(StreamGroup::all, "all") == 1);
    }
  }

  TEST_CASE("what a write loses later, too, is the same loss") {
    Told told;
    told.block(1, kFail, kOk, kOk);
    for (unsigned member = 0; member < 4; ++member)
      told.tell(1, member, member == 0 ? kFail : kOk, kLater);
    CHECK(told.failures(StreamGroup::all, "all") == 1);
    CHECK(told.harm.blame().blocks_that_tell() == 1);
    SUBCASE("and what it loses only later is not") {
      told.block(2, kOk, kOk, kOk);
      for (unsigned member = 0; member < 4; ++member)
        told.tell(2, member, member == 0 ? kFail : kOk, kLater);
      CHECK(told.failures(StreamGroup::all, "all") == 2);
      CHECK(told.harm.blame().blocks_that_tell() == 2);
    }
  }

  TEST_CASE("void counts for nothing, a failure of it included") {
    Told told;
    told.open(1);
    for (const probes::ReadPoint& read : {kRecord, kSearch, kLater}) {
      for (unsigned member = 0; member < 4; ++member) told.tell(1, member, kFail, read, true);
    }
    CHECK(told.harm.finding() == Finding::none);
    CHECK(told.harm.ill_controls().empty());
    CHECK(told.harm.blame().blocks() == 0);
    CHECK(told.harm.not_ok().blocks() == 0);
    CHECK(told.probes(StreamGroup::all, "all") == 0);
  }

  TEST_CASE("a void control is none of a block's members") {
    Told told;
    told.open(1);
    for (const probes::ReadPoint& read : {kRecord, kSearch, kLater}) {
      told.tell(1, 3, kFail, read, true);
      for (unsigned member = 0; member < 3; ++member) told.tell(1, member, kFail, read);
    }
    CHECK(told.harm.blame().blocks() == 1);  // All three failed, which says nothing.
    CHECK(told.harm.blame().blocks_that_tell() == 0);
  }

  TEST_CASE("twenty oks in a row bring the lease back, three thousand clear the cell") {
    Told told;
    told.block(1, kFail, kOk, kOk);
    told.healthy(2, 19);
    CHECK(told.harm.suspects().size() == 1);
    SUBCASE("a failure in between begins the count anew") {
      told.harm.fail({probes::Arm::treatment, kCell, kRecord, probes::LossClass::stale, 50, 0, {}});
      told.healthy(60, 19);
      CHECK(told.harm.suspects().size() == 1);
    }
    SUBCASE("info of treatment, or a control that failed, is no ok") {
      told.block(50, kInfo, kOk, kOk);
      told.block(51, kOk, kFail, kOk);
      CHECK(told.harm.suspects().size() == 1);
    }
    SUBCASE("the twentieth does") {
      told.healthy(50, 1);
      CHECK(told.harm.suspects().empty());
      CHECK(told.harm.watched().size() == 1);
      CHECK(told.harm.finding() == Finding::none);
      CHECK_FALSE(told.harm.is_clear());
      told.harm.pass(probes::Arm::treatment, kCell, 2'979);
      CHECK_FALSE(told.harm.is_clear());
      told.harm.pass(probes::Arm::treatment, kCell, 1);
      CHECK(told.harm.is_clear());
    }
  }

  TEST_CASE("control that fails alone is ill, and says that reverting is unsafe") {
    Told told;
    told.block(1, kOk, kFail, kOk);
    REQUIRE(told.harm.ill_controls().size() == 1);
    CHECK(told.harm.ruling().blame == Blame::safe_variant);
    CHECK(told.harm.words().find("reverting is unsafe") != std::string::npos);
    told.healthy(2, 1);  // Three writes of control.
    told.harm.pass(probes::Arm::control, kCell, 2'996);
    CHECK(told.harm.ill_controls().size() == 1);
    told.harm.pass(probes::Arm::control, kCell, 1);
    CHECK(told.harm.ill_controls().empty());
  }

  TEST_CASE("a budget ends with its horizon, and what is suspect stays so") {
    Terms terms = terms_of_test();
    terms.evidence.horizon_probes = 1'000;
    Told told(terms);
    told.healthy(1, 499);
    told.block(500, kFail, kOk, kOk);
    told.harm.tick(Told::at(501));
    CHECK(told.harm.budget() == 2);
    CHECK(told.harm.finding() == Finding::suspect);
    CHECK(told.harm.control_history().probes == 3'000);
    CHECK(told.probes(StreamGroup::all, "all") == 0);
  }

  TEST_CASE("a fold of the journal is bit-equal, wherever it is cut") {
    for (const unsigned every : {1U, 3U, 1'000U}) {
      CAPTURE(every);
      Told told;
      Harm other;
      unsigned blocks = 0;
      const auto check = [&](std::uint64_t number) {
        if (++blocks % every != 0) return;
        for (const nlohmann::json& part : told.harm.take_journal())
          REQUIRE(other.fold(nlohmann::json::parse(part.dump()), Told::at(number)));
        check_equal(told.harm, other);
      };
      for (std::uint64_t number = 1; number <= 60; ++number) {
        const bool is_lossy = number > 20 && number % 9 == 0;
        told.block(number,
                   is_lossy          ? kFail
                   : number % 7 == 0 ? kInfo
                                     : kOk,
                   number % 11 == 0 ? kFail : kOk, kOk);
        if (number == 15) told.harm.begin_step();
        if (number == 30) told.harm.forget_step();
        if (number == 40) told.harm.begin_budget(told.terms.evidence, "a test", number % 2 == 0);
        told.harm.tick(Told::at(number));
        check(number);
      }
      for (const nlohmann::json& part : told.harm.take_journal())
        REQUIRE(other.fold(part, Told::at(61)));
      check_equal(told.harm, other);
    }
  }

  TEST_CASE("no part of a journal is over its bound, and parts fold to the whole") {
    Terms terms = terms_of_test();
    terms.streams.clear();
    for (int i = 0; i < 200; ++i)
      terms.streams.push_back({"visit",
                               "field-" + std::to_string(i) + std::string(200, 'x'),
                               {kRecord, kSearch},
                               true});
    Told told(terms);
    std::vector<SettledRead> batch;
    for (const Stream& stream : terms.streams)
      for (const probes::ReadPoint& read : stream.reads)
        batch.push_back({{"visit", stream.field, "astral"}, read, false});
    told.harm.add(probes::Arm::treatment, batch);
    for (const SettledRead& read : batch) told.harm.count(read.cell, read.read, true);
    Harm other;
    const auto parts = told.harm.take_journal();
    CHECK(parts.size() > 3);
    for (const nlohmann::json& part : parts) {
      CHECK(part.dump().size() < 50'000);
      CHECK(other.fold(part, {}));
    }
    check_equal(told.harm, other);
  }

  TEST_CASE("what is no part of a journal is refused, and nothing crashes") {
    for (const char* text :
         {"null", "7", "[]", R"({"mark": 7})", R"({"cells": [[1]]})", R"({"treatment": 1})",
          R"({"treatment": [{"stream": 7, "events": []}]})", R"({"step": [[3, 1, 0]]})",
          R"({"events": [["fail", "treatment", 9, "stale", 1, 0, 0]]})",
          R"({"events": [["bet", "loss", 4]]})", R"({"events": [["else"]]})",
          R"({"events": [[]]})"}) {
      CAPTURE(text);
      Harm harm;
      CHECK_FALSE(harm.fold(nlohmann::json::parse(text), {}));
    }
  }

  TEST_CASE("the options survive the ledger bit for bit") {
    EvidenceOptions options;
    options.baseline_loss_rate = 0.1 / 3;
    options.max_loss_rate = 1e-7 / 3;
    options.oks_to_clear = 77;
    options.on_platform_loss = EvidenceOptions::OnPlatformLoss::revert;
    CHECK(evidence_options_from_json(nlohmann::json::parse(to_json(options).dump())) == options);
  }
}

}  // namespace readback::guard
