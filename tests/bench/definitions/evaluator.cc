// One of the two evaluators that tests/bench/definitions/run measures: evaluator DEFINITIONS
// CONTEXTS
//
// CONTEXTS is a JSON list. Reads "KEY COUNT" a line - KEY "*": all flags at once - evaluates so
// many times, context by context, and writes how many nanoseconds that took and how many answers
// had a value.
#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "flags/flagd/flag_set.h"

namespace {

using namespace readback::flags;
using nlohmann::json;

std::chrono::seconds now() {
  return std::chrono::floor<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
}

std::size_t evaluate(const flagd::FlagSet& set, const std::string& key, const json& context) {
  if (key != "*")
    return set.evaluate(key, context, now(), flagd::Type::boolean).value != nullptr ? 1 : 0;
  std::size_t values = 0;
  for (const flagd::Answer& answer : set.evaluate_all(context, now()))
    values += answer.value != nullptr ? 1 : 0;
  return values;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  std::ifstream definitions(arguments[1]);
  std::ifstream stated(arguments[2]);
  std::vector<Problem> problems;
  const auto set = flagd::FlagSet::parse(json::parse(definitions), problems);
  const std::vector<json> contexts = json::parse(stated);
  if (!set.has_value() || !problems.empty() || contexts.empty()) return 1;
  std::string key;
  for (std::size_t times = 0; std::cin >> key >> times;) {
    std::size_t values = 0;
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < times; ++i)
      values += evaluate(*set, key, contexts[i % contexts.size()]);
    const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - began;
    std::cout << took.count() << " " << values << std::endl;
  }
}
