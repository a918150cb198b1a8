#include <doctest/doctest.h>

#include <fstream>
#include <map>

#include "flags/targeting/rule.h"
#include "tests/source.h"

namespace readback::flags::targeting {
namespace {
using namespace std::chrono_literals;

using Json = nlohmann::json;

Json given(const Json& buckets, const Json& context = Json::object()) {
  const auto rule = Rule::compile({{"fractional", buckets}});
  return *rule->evaluate({"flag", context, 0s});
}

// The bucket, of `weights`, into which the flag's own key for `text` falls.
std::string bucket(const std::string& text, const std::vector<std::int64_t>& weights) {
  Json buckets = Json::array({text});
  for (std::size_t i = 0; i < weights.size(); ++i)
    buckets.push_back({std::to_string(i), weights[i]});
  return given(buckets).get<std::string>();
}

}  // namespace

TEST_SUITE("flags/targeting/fractional") {
  // tests/flags/flagd/murmur3.json: made with flagd's own library for Go, over UTF-8.
  TEST_CASE("a bucket is where flagd's hash says, to the last bit") {
    std::ifstream in(source_path("tests/flags/flagd/murmur3.json"));
    const Json vectors = Json::parse(in);
    CHECK(vectors.size() == 17);
    constexpr std::int64_t kMost = 2'147'483'647;
    for (const Json& vector : vectors) {
      const auto text = vector[0].get<std::string>();
      const auto hash = vector[1].get<std::uint64_t>();
      CAPTURE(text);
      // One bucket ends below the hash, the other at it: no other hash falls between them.
      const auto at = static_cast<std::int64_t>((hash * std::uint64_t{kMost}) >> 32U);
      CHECK(bucket(text, {at, kMost - at}) == "1");
      CHECK(bucket(text, {at + 1, kMost - at - 1}) == "0");
    }
  }

  TEST_CASE("without a text of its own, flag and targeting key are hashed") {
    const Json buckets = Json::parse(R"([["a", 50], ["b", 50]])");
    CHECK(given(buckets, {{"targetingKey", "hello"}}) ==
          given(Json::array({"flaghello", buckets[0], buckets[1]})));
    CHECK(given(buckets, {{"targetingKey", 17}}) ==
          given(Json::array({"flag17", buckets[0], buckets[1]})));
    CHECK(given(buckets) == nullptr);
    CHECK(given(buckets, {{"targetingKey", ""}}) == nullptr);
  }

  TEST_CASE("weights: 1 if left out, calculated, never below zero") {
    CHECK(bucket("hello", {0, 5}) == "1");
    CHECK(bucket("hello", {-7, 5}) == "1");
    CHECK(given(Json::parse(R"(["hello", ["a"]])")) == "a");
    CHECK(given(Json::parse(R"(["hello", ["a", {"-": [1, 5]}], ["b", {"+": [1, 5]}]])")) == "b");
    CHECK(given(Json::parse(R"(["hello", [{"if": [true, "x", "y"]}, 50.0]])")) == "x");
    CHECK(given(Json::parse(R"(["hello", [null, 1]])")) == nullptr);
    CHECK(given(Json::parse(R"(["hello", [true, 1]])")) == true);
  }

  TEST_CASE("what is no bucket gives null") {
    for (const char* buckets : {
             R"(["hello"])",
             R"([])",
             R"(["hello", "a"])",
             R"(["hello", []])",
             R"(["hello", ["a", 1, 2]])",
             R"(["hello", ["a", 1.5]])",
             R"(["hello", ["a", "1"]])",
             R"(["hello", ["a", null]])",
             R"(["hello", [["a"], 1]])",
             R"(["hello", ["a", 0], ["b", 0]])",
             R"(["hello", ["a", 2147483647], ["b", 1]])",
             R"(["hello", ["a", 1e300]])",
             R"("hello")",
         }) {
      CAPTURE(buckets);
      CHECK(given(Json::parse(buckets)) == nullptr);
    }
  }

  TEST_CASE("who is in the first bucket stays there while it grows") {
    for (int i = 0; i < 2'000; ++i) {
      const std::string who = "practitioner-" + std::to_string(i);
      if (bucket(who, {13, 987}) == "0") CHECK(bucket(who, {50, 950}) == "0");
    }
  }

  TEST_CASE("buckets are as large as their weights") {
    std::map<std::string, int> counts;
    for (int i = 0; i < 10'000; ++i) ++counts[bucket(std::to_string(i), {1, 3, 6})];
    CHECK(counts["0"] == doctest::Approx(1'000).epsilon(0.1));
    CHECK(counts["1"] == doctest::Approx(3'000).epsilon(0.1));
    CHECK(counts["2"] == doctest::Approx(6'000).epsilon(0.1));
  }
}

}  // namespace readback::flags::targeting
