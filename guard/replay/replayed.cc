#include "guard/replay/replayed.h"

#include <cmath>
#include <map>
#include <set>

#include "embedded/replay_schema.h"
#include "guard/schema.h"

namespace readback::guard {
namespace {

using Json = nlohmann::json;
using Keys = std::set<std::string>;

// Which parameters each process takes.
const std::map<std::string, Keys>& keys_by_process() {
  static const Keys kMixture{"p0", "alpha", "horizon", "grid", "weights", "spending", "boost"};
  static const Keys kWindows{"p0", "alpha", "horizon", "from_start_part", "from_start", "sliding"};
  static const Keys kStream = [] {
    Keys keys = kMixture;
    keys.insert(kWindows.begin(), kWindows.end());
    keys.insert("mixture_part");
    return keys;
  }();
  static const Keys kStreams = [] {
    Keys keys = kStream;
    keys.insert("shares");
    return keys;
  }();
  static const std::map<std::string, Keys> kAll{
      {"mixture", kMixture},
      {"windows", kWindows},
      {"stream", kStream},
      {"streams", kStreams},
      {"block", {"odds", "weights", "level", "failed"}},
      {"upper_bound", {"delta", "ratios", "weights", "rate"}},
      {"practitioner", {"treated", "controls", "odds", "weights", "level"}},
      {"counts", {"null_odds", "odds", "weights", "level"}}};
  return kAll;
}

}  // namespace

Json log_to_json(double log) {
  return std::isfinite(log) ? Json(log) : Json();
}

std::unique_ptr<Replayed> replayed_of(const Document& document, std::vector<Fault>& faults) {
  std::vector<Fault> found;
  check_schema(document, embedded::replay_schema, found);
  if (!found.empty()) {
    faults.insert(faults.end(), found.begin(), found.end());
    return nullptr;
  }
  const auto process = document.json.at("process").get<std::string>();
  const Keys& takes = keys_by_process().at(process);
  for (const auto& [key, ignored] : document.json.items()) {
    if (key == "process" || key == "end" || takes.contains(key)) continue;
    faults.push_back({document.file, document.key_at(member("", key)),
                      "\"" + key + "\" is no parameter of the process " + process});
  }
  if (!faults.empty()) return nullptr;
  std::string fault;
  std::unique_ptr<Replayed> replayed = replayed_loss(process, document.json, fault);
  if (!replayed && fault.empty()) replayed = replayed_bet(process, document.json, fault);
  if (!replayed) faults.push_back({document.file, document.value_at(""), fault});
  return replayed;
}

}  // namespace readback::guard
