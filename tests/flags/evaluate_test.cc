#include "flags/evaluate.h"

#include <doctest/doctest.h>

#include <utility>

namespace readback::flags {
namespace {
using namespace std::chrono_literals;

const std::string kKey = "notes-editor-v2";
constexpr Moment kNow{1'000s, 2'000'003s};

Flag guarded_flag() {
  Flag flag;
  flag.key = kKey;
  flag.variants = {{"old", "old editor"}, {"new", "new editor"}};
  flag.safe = "old";
  flag.treatment = "new";
  flag.rollout = Rollout{};
  flag.rollout->max_evidence_age = 45s;
  return flag;
}

Exposure leased(Share share) {
  Exposure exposure;
  exposure.mode = Exposure::Mode::leased;
  exposure.share = share;
  exposure.lease = {kNow, 45s};
  exposure.step = 2;
  return exposure;
}

Snapshot snapshot_of(Flag flag, Exposure exposure) {
  Definitions definitions;
  const std::string key = flag.key;
  definitions.flags.emplace(key, std::move(flag));
  definitions.synthetic[key] = {"synthetic-1", "synthetic-2"};
  Snapshot snapshot;
  snapshot.definitions = std::make_shared<const Definitions>(std::move(definitions));
  snapshot.exposures[key] = exposure;
  return snapshot;
}

Context asks(std::string who, std::map<std::string, std::string> attributes = {}) {
  return {std::move(who), std::move(attributes)};
}

std::string variant_for(const Snapshot& snapshot, const Context& context, Moment now = kNow) {
  return evaluate(snapshot, kKey, context, now)->variant->name;
}

// Somebody whose place on the flag's line is under `share`, and who is in at no smaller thousandth.
std::string somebody_at(Share share) {
  for (int number = 0;; ++number) {
    std::string who = "practitioner-" + std::to_string(number);
    const std::uint32_t at = place(kKey, who);
    if (at < share.ppm && at >= share.ppm - 1'000) return who;
  }
}

}  // namespace

TEST_SUITE("flags/evaluate") {
  TEST_CASE("each kind of caller gets what he should, with the reason that says why") {
    Flag flag = guarded_flag();
    flag.rollout->who.practitioners = {"listed"};
    flag.rollout->who.attributes = {{"region", {"north", "west"}}, {"speciality", {"cardiology"}}};
    const std::map<std::string, std::string> right = {{"region", "west"},
                                                      {"speciality", "cardiology"}};
    const std::string in = somebody_at(Share{10'000});
    const std::string out = somebody_at(Share{500'000});
    const Snapshot snapshot = snapshot_of(flag, leased(Share{10'000}));
    struct Row {
      const char* what;
      Context context;
      const char* variant;
      Reason reason;
      bool is_exposed;
    };
    const Row rows[] = {
        {"in the cohort", asks(in, right), "new", Reason::split, true},
        {"outside of it", asks(out, right), "old", Reason::standard, false},
        {"another region", asks(in, {{"region", "east"}, {"speciality", "cardiology"}}), "old",
         Reason::standard, false},
        {"an attribute is missing", asks(in, {{"region", "west"}}), "old", Reason::standard, false},
        {"listed, with no attribute", asks("listed"), "new", Reason::targeting_match, true},
        {"no targeting key", asks("", right), "old", Reason::standard, false},
        {"synthetic without a round", asks("synthetic-1", right), "old", Reason::standard, false},
    };
    for (const Row& row : rows) {
      CAPTURE(row.what);
      const auto evaluation = evaluate(snapshot, kKey, row.context, kNow);
      REQUIRE(evaluation.has_value());
      CHECK(evaluation->variant->name == row.variant);
      CHECK(evaluation->reason == row.reason);
      CHECK(evaluation->is_exposed == row.is_exposed);
      CHECK(evaluation->lease_until.has_value() == row.is_exposed);
      if (row.is_exposed) CHECK(evaluation->step == 2);
    }
    CHECK_FALSE(evaluate(snapshot, "another-flag", asks(in), kNow).has_value());
    CHECK_FALSE(evaluate(Snapshot(), kKey, asks(in), kNow).has_value());
  }

  TEST_CASE("an unguarded flag is static for everybody, also without a targeting key") {
    Flag flag = guarded_flag();
    flag.rollout.reset();
    const Snapshot snapshot = snapshot_of(flag, leased(kEverybody));
    for (const char* who : {"", "anybody", "synthetic-1"}) {
      const auto evaluation = evaluate(snapshot, kKey, asks(who), kNow);
      CHECK(evaluation->variant->name == "old");
      CHECK(evaluation->reason == Reason::static_value);
      CHECK_FALSE(evaluation->is_exposed);
    }
  }

  TEST_CASE("who is in at 1 % is in at 5 %, and after the share went to nothing and back") {
    unsigned in_at_one = 0, in_at_five = 0;
    for (int number = 0; number < 5'000; ++number) {
      const Context context = asks("practitioner-" + std::to_string(number));
      const auto is_in_at = [&](Share share) {  // A snapshot made anew: nothing is remembered.
        return variant_for(snapshot_of(guarded_flag(), leased(share)), context) == "new";
      };
      const bool at_one = is_in_at(Share{10'000});
      const bool at_five = is_in_at(Share{50'000});
      CHECK_FALSE(is_in_at(kNobody));
      CHECK((at_five || !at_one));
      CHECK(is_in_at(Share{10'000}) == at_one);
      CHECK(is_in_at(kEverybody));
      in_at_one += at_one;
      in_at_five += at_five;
    }
    CHECK(in_at_one > 20);
    CHECK(in_at_five > 150);
  }

  TEST_CASE("a build that is deployed anew moves nobody") {
    Flag next = guarded_flag();
    next.build = "sha256:another";
    next.variants[1].value = "newer editor";
    for (int number = 0; number < 500; ++number) {
      const Context context = asks("practitioner-" + std::to_string(number));
      CHECK(variant_for(snapshot_of(guarded_flag(), leased(Share{100'000})), context) ==
            variant_for(snapshot_of(next, leased(Share{100'000})), context));
    }
  }

  TEST_CASE("a rollout by practice takes everybody of a practice, or nobody") {
    Flag flag = guarded_flag();
    flag.rollout->by = Unit::practice;
    flag.rollout->who.practitioners = {"listed"};
    const Snapshot snapshot = snapshot_of(flag, leased(Share{200'000}));
    unsigned practices_in = 0;
    for (int practice = 0; practice < 200; ++practice) {
      const std::string name = "practice-" + std::to_string(practice);
      const std::string first = variant_for(snapshot, asks("anna", {{"practice", name}}));
      CHECK(variant_for(snapshot, asks("bert", {{"practice", name}})) == first);
      CHECK((first == "new") == is_in(kKey, name, Share{200'000}));
      practices_in += first == "new";
    }
    CHECK(practices_in > 15);
    CHECK(practices_in < 65);
    CHECK(variant_for(snapshot_of(flag, leased(kEverybody)), asks("anna")) == "old");
    CHECK(variant_for(snapshot_of(flag, leased(kEverybody)), asks("", {{"practice", "a"}})) ==
          "old");
    CHECK(variant_for(snapshot, asks("listed")) == "new");
  }

  TEST_CASE("who is listed by id is in at every share above zero") {
    Flag flag = guarded_flag();
    flag.rollout->who.practitioners = {"listed"};
    CHECK(variant_for(snapshot_of(flag, leased(Share{1})), asks("listed")) == "new");
    CHECK(variant_for(snapshot_of(flag, leased(kNobody)), asks("listed")) == "old");
  }

  TEST_CASE("the lease is looked at when serving, to the nanosecond") {
    const Snapshot snapshot = snapshot_of(guarded_flag(), leased(kEverybody));
    const auto stamp = round_stamp(kNow.wall + 45s);
    const auto first = evaluate(snapshot, kKey, asks("anna"), kNow);
    CHECK(first->lease_until == stamp);
    CHECK(stamp.count() % 5'000 == 0);
    struct Row {
      const char* what;
      Moment now;
      const char* variant;
    };
    const Row rows[] = {
        {"a nanosecond before its age", {kNow.boot + 45s - 1ns, kNow.wall}, "new"},
        {"at its age", {kNow.boot + 45s, kNow.wall}, "old"},
        {"a millisecond before the stamp", {kNow.boot, stamp - 1ms}, "new"},
        {"at the stamp", {kNow.boot, stamp}, "old"},
        {"long after, by the wall clock alone", {kNow.boot, kNow.wall + 24h}, "old"},
        {"long after, by boot time alone", {kNow.boot + 24h, kNow.wall}, "old"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.what);
      const auto evaluation = evaluate(snapshot, kKey, asks("anna"), row.now);
      CHECK(evaluation->variant->name == row.variant);
      CHECK(evaluation->is_exposed == (evaluation->variant->name == "new"));
      // Absolute: asking later never gives a later stamp.
      if (evaluation->lease_until.has_value()) CHECK(evaluation->lease_until == stamp);
    }
  }

  TEST_CASE("no exposure, or one that is safe, gives nobody treatment") {
    Snapshot snapshot = snapshot_of(guarded_flag(), leased(kEverybody));
    snapshot.exposures[kKey].mode = Exposure::Mode::safe;
    CHECK(variant_for(snapshot, asks("anna")) == "old");
    snapshot.exposures.clear();
    CHECK(variant_for(snapshot, asks("anna")) == "old");
    CHECK(variant_for(snapshot_of(guarded_flag(), leased(kEverybody)), asks("anna")) == "new");
  }

  TEST_CASE("a finished flag is served without evidence, stamped from now") {
    Exposure finished = leased(kEverybody);
    finished.mode = Exposure::Mode::finished;
    const Snapshot snapshot = snapshot_of(guarded_flag(), finished);
    const Moment later{kNow.boot + 240h, kNow.wall + 240h};
    const auto evaluation = evaluate(snapshot, kKey, asks("anna"), later);
    CHECK(evaluation->variant->name == "new");
    CHECK(evaluation->lease_until == round_stamp(later.wall + 45s));
    CHECK(evaluation->is_exposed);
    CHECK(variant_for(snapshot, asks(""), later) == "old");
  }

  TEST_CASE("a synthetic practitioner gets his arm in every state, and is never exposed") {
    for (const auto mode :
         {Exposure::Mode::safe, Exposure::Mode::leased, Exposure::Mode::finished}) {
      for (const Share share : {kNobody, kEverybody}) {
        Exposure exposure = leased(share);
        exposure.mode = mode;
        exposure.lease = {};  // Lapsed long ago.
        Snapshot snapshot = snapshot_of(guarded_flag(), exposure);
        snapshot.pins[kKey] = {{"synthetic-1", {"new", 7s}}, {"synthetic-2", {"old", 7s}}};
        const auto treated = evaluate(snapshot, kKey, asks("synthetic-1"), kNow);
        CHECK(treated->variant->name == "new");
        CHECK(treated->lease_until == kNow.wall + 7s);
        CHECK(treated->is_synthetic);
        CHECK_FALSE(treated->is_exposed);
        const auto control = evaluate(snapshot, kKey, asks("synthetic-2"), kNow);
        CHECK(control->variant->name == "old");
        CHECK_FALSE(control->lease_until.has_value());
        CHECK(control->is_synthetic);
      }
    }
  }

  TEST_CASE("a pin holds for its practitioner and flag only, and never for a real one") {
    Snapshot snapshot = snapshot_of(guarded_flag(), leased(kNobody));
    snapshot.pins[kKey] = {{"synthetic-1", {"new", 7s}}, {"real", {"new", 7s}}};
    snapshot.pins["another-flag"] = {{"synthetic-2", {"new", 7s}}};
    CHECK(variant_for(snapshot, asks("synthetic-1")) == "new");
    CHECK(variant_for(snapshot, asks("synthetic-2")) == "old");
    CHECK(variant_for(snapshot, asks("real")) == "old");
    snapshot.pins[kKey]["synthetic-1"].variant = "gone since a reload";
    CHECK(variant_for(snapshot, asks("synthetic-1")) == "old");
  }

  TEST_CASE("who is synthetic for another flag gets what a real one would, and is not exposed") {
    Flag other = guarded_flag();
    other.key = "another-flag";
    Snapshot snapshot = snapshot_of(guarded_flag(), leased(kEverybody));
    Definitions definitions = *snapshot.definitions;
    definitions.flags.emplace(other.key, other);
    snapshot.definitions = std::make_shared<const Definitions>(definitions);
    snapshot.exposures[other.key] = leased(kEverybody);
    const auto evaluation = evaluate(snapshot, other.key, asks("synthetic-1"), kNow);
    CHECK(evaluation->variant->name == "new");
    CHECK_FALSE(evaluation->is_synthetic);
    CHECK_FALSE(evaluation->is_exposed);
    CHECK(evaluate(snapshot, other.key, asks("anna"), kNow)->is_exposed);
  }

  TEST_CASE("reasons are spelt as OpenFeature spells them") {
    CHECK(to_string(Reason::static_value) == "STATIC");
    CHECK(to_string(Reason::standard) == "DEFAULT");
    CHECK(to_string(Reason::targeting_match) == "TARGETING_MATCH");
    CHECK(to_string(Reason::split) == "SPLIT");
  }
}

}  // namespace readback::flags
