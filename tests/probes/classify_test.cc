#include "probes/classify.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "probes/impact.h"
#include "probes/reading.h"
#include "probes/unicode.h"
#include "tests/probes/naive_classifier.h"
#include "tests/source.h"

namespace readback::probes {
namespace {

const nlohmann::json& pairs() {
  static const auto parsed =
      nlohmann::json::parse(std::ifstream(source_path("tests/probes/pairs.json")));
  return parsed;
}

Reading reading_of(nlohmann::json pair) {
  for (const char* name : {"class", "not", "span"}) pair.erase(name);
  return reading_from_json(pair).value();
}

const std::set<LossClass> kNotNaive = {LossClass::escaped,          LossClass::unescaped,
                                       LossClass::type_coerced,     LossClass::mojibake,
                                       LossClass::markup_rewritten, LossClass::markup_stripped};

}  // namespace

TEST_SUITE("probes/classify") {
  TEST_CASE("each pair of the table has the class that the taxonomy gives it") {
    for (const auto& pair : pairs()) {
      CAPTURE(pair.dump());
      const Classification result = classify(reading_of(pair));
      CAPTURE(result.explanation);
      CHECK(to_string(result.loss_class) == pair.at("class").get<std::string>());
    }
  }

  TEST_CASE("the table has at least 200 pairs, three a class, and forty near misses") {
    std::map<std::string, int> by_class;
    std::size_t near_misses = 0;
    for (const auto& pair : pairs()) {
      ++by_class[pair.at("class")];
      near_misses += pair.contains("not");
      std::string refused = pair.value("not", nlohmann::json::array()).dump();
      CHECK(refused.find("\"" + pair.at("class").get<std::string>() + "\"") == std::string::npos);
    }
    CHECK(pairs().size() >= 200);
    CHECK(by_class.size() == kLossClasses);
    for (const auto& [name, count] : by_class) {
      CAPTURE(name);
      CHECK(parse_loss_class(name).has_value());
      CHECK(count >= 3);
    }
    CHECK(near_misses >= 40);
  }

  TEST_CASE("spans are code points, in both texts") {
    int checked = 0;
    for (const auto& pair : pairs()) {
      if (!pair.contains("span")) continue;
      CAPTURE(pair.dump());
      const Classification result = classify(reading_of(pair));
      const auto& span = pair.at("span");
      CHECK(result.in_written == Span{span[0][0], span[0][1]});
      CHECK(result.in_read == Span{span[1][0], span[1][1]});
      ++checked;
    }
    CHECK(checked >= 8);
  }

  TEST_CASE("random edits have the class that a naive second implementation gives them") {
    std::mt19937 random(20'261);  // NOLINT(bugprone-random-generator-seed): the same every time
    std::map<LossClass, int> seen;
    for (int i = 0; i < 20'000; ++i) {
      std::vector<std::uint8_t> bytes(48);
      for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
      const Reading reading = random_reading(bytes);
      const LossClass found = classify(reading).loss_class;
      ++seen[found];
      if (found == classify_naively(reading)) continue;
      CAPTURE(nlohmann::json(reading.written).dump(-1, ' ', true));
      CAPTURE(nlohmann::json(reading.readback).dump(-1, ' ', true));
      CHECK(to_string(found) == to_string(classify_naively(reading)));
    }
    // All but those whose texts the alphabet cannot hold.
    for (std::size_t i = 0; i < kLossClasses; ++i) {
      const auto loss_class = static_cast<LossClass>(i);
      CAPTURE(to_string(loss_class));
      CHECK(seen.contains(loss_class) == !kNotNaive.contains(loss_class));
    }
  }

  TEST_CASE("names of code points tell no letter that may be read") {
    Reading reading;
    reading.written = "\u738B\u5C0F\u660E \u00E9\u00C9 \u0416\u0437 9 abc\u00A0\u2028";
    reading.readback = "";
    const Classification emptied = classify(reading);
    CHECK(emptied.names_in_written ==
          std::vector<std::string>{"U+0020 SPACE", "U+00E9 LATIN SMALL LETTER E WITH ACUTE",
                                   "U+00C9 LATIN CAPITAL LETTER E WITH ACUTE"});
    CHECK(emptied.names_in_read.empty());
    CHECK(emptied.explanation.find("CJK") == std::string::npos);
  }

  TEST_CASE("each class has an impact, and what counts as no loss is not called one") {
    for (std::size_t i = 0; i < kLossClasses; ++i) {
      const auto loss_class = static_cast<LossClass>(i);
      CAPTURE(to_string(loss_class));
      const Impact impact = impact_of(loss_class);
      const bool is_harmless = impact == Impact::none || impact == Impact::not_evidence;
      CHECK(is_harmless == !is_loss(loss_class, {}));
    }
    CHECK(to_string(impact_of(LossClass::write_rejected)) == "refused");
    CHECK(to_string(impact_of(LossClass::newline_changed)) == "cosmetic");
    CHECK(to_string(impact_of(LossClass::type_coerced)) == "lost");
    CHECK(to_string(impact_of(LossClass::extended)) == "damaged");
  }
}

}  // namespace readback::probes
