#include "guard/coverage.h"

#include <cstdint>
#include <utility>

#include "flags/duration.h"
#include "probes/coverage.h"

namespace readback::guard {

using nlohmann::json;

json not_covered_json(const probes::Plan& plan) {
  const probes::NotCovered missing = probes::not_covered(plan);
  return {{"payload_classes", missing.payload_classes},
          {"fields", missing.fields},
          {"unread", missing.unread},
          {"cannot_fail", missing.cannot_fail},
          {"tolerated", missing.tolerated},
          {"not_required", missing.not_required},
          {"path_unnamed", missing.path_unnamed},
          {"journeys_without_interference", missing.without_interference},
          {"after_ms", missing.longest_delay.count()}};
}

std::vector<std::string> not_covered_words(const json& not_covered) {
  constexpr std::pair<const char*, const char*> kNames[] = {
      {"payload_classes", "payload classes "},
      {"fields", "fields "},
      {"unread", "written and never read back "},
      {"cannot_fail", "fields of which every loss is tolerated "},
      {"tolerated", "tolerated losses "},
      {"not_required", "treatment is served without evidence of "},
      {"path_unnamed", "writes that do not say which path they took "},
      {"journeys_without_interference", "journeys that only write and read "}};
  std::vector<std::string> words;
  for (const auto& [key, name] : kNames) {
    std::string names;
    for (const json& one : not_covered.at(key))
      names += (names.empty() ? "" : ", ") + one.get<std::string>();
    if (!names.empty()) words.push_back(name + names);
  }
  const std::chrono::milliseconds after(not_covered.at("after_ms").get<std::int64_t>());
  words.push_back("losses that show later than " + flags::format_duration(after) +
                  " after the write");
  return words;
}

}  // namespace readback::guard
