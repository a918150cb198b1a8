#include "probes/classify.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/source.h"

namespace readback::probes {
namespace {

const nlohmann::json& pairs() {
  static const auto parsed =
      nlohmann::json::parse(std::ifstream(source_path("tests/probes/pairs.json")));
  return parsed;
}

Reading reading_of(const nlohmann::json& pair) {
  static const std::map<std::string, Reading::WriteState> kWrites = {
      {"acknowledged", Reading::WriteState::acknowledged},
      {"refused", Reading::WriteState::refused},
      {"unknown", Reading::WriteState::unknown}};
  static const std::map<std::string, Reading::ReadState> kReads = {
      {"ok", Reading::ReadState::ok},
      {"no_record", Reading::ReadState::no_record},
      {"no_field", Reading::ReadState::no_field},
      {"null", Reading::ReadState::null_value},
      {"failed", Reading::ReadState::failed}};
  Reading reading;
  reading.written = pair.at("written");
  reading.readback = pair.value("readback", "");
  reading.write_state = kWrites.at(pair.value("write_state", "acknowledged"));
  reading.read_state = kReads.at(pair.value("read_state", "ok"));
  if (pair.contains("prev")) reading.previous = pair.at("prev");
  if (pair.contains("concurrent")) pair.at("concurrent").get_to(reading.concurrent);
  if (pair.contains("others")) pair.at("others").get_to(reading.others);
  return reading;
}

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
}

}  // namespace readback::probes
