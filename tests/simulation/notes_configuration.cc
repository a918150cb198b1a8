#include "tests/simulation/notes_configuration.h"

#include <cassert>
#include <nlohmann/json.hpp>

#include "probes/plan_parse.h"

namespace readback::simulation {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr int kPractitioners = 18;

json journey(const std::string& name, bool shares) {
  json steps = json::parse(R"([
    {"kind": "act", "name": "create", "method": "POST", "url": "/patients/${patient}/visits",
     "body": {"by": "${practitioner}"},
     "acknowledged": {"status": [201], "body": [{"pointer": "/id", "exists": true}]},
     "captures": {"visit": "/id"}},
    {"kind": "act", "name": "share", "method": "POST", "url": "/visits/${visit}/documents",
     "acknowledged": {"status": [200], "body": [{"pointer": "/shared", "equals": true}]},
     "interferes": "shares a document with the patient"},
    {"kind": "write", "name": "save", "method": "PUT", "url": "/visits/${visit}/notes",
     "body": {"interview": "${text:interview}", "conclusion": "${text:conclusion}"},
     "writes": ["interview", "conclusion"],
     "acknowledged": {"status": [200], "body": [{"pointer": "/saved", "equals": true}]},
     "path_taken": {"pointer": "/path", "treatment": "new", "control": "old"}},
    {"kind": "read", "name": "read-record", "method": "GET", "url": "/visits/${visit}",
     "path": "record", "fields": {"interview": "/interview", "conclusion": "/conclusion"},
     "delays": ["0 s", "2 s", "8 s"], "deadline": "1 s"},
    {"kind": "read", "name": "read-list", "method": "GET", "url": "/patients/${patient}/visits",
     "path": "list", "fields": {"interview": "/interview", "conclusion": "/conclusion"},
     "find": {"items": "/visits", "where": {"pointer": "/id", "equals": "${visit}"}},
     "delays": ["0 s"], "deadline": "1 s"}])");
  if (!shares) steps.erase(1);
  const json cleanup = json::parse(R"([{"name": "delete", "method": "DELETE",
    "url": "/visits/${visit}", "acknowledged": {"status": [204]}}])");
  return {{"name", name}, {"steps", steps}, {"cleanup", cleanup}};
}

json plan_document() {
  json document = json::parse(R"({
    "version": 1,
    "target": {"base_url": "http://notes.test", "hosts": ["notes.test"],
               "authentication": {"scheme": "none"}, "time_out": "1 s"},
    "rounds": {"interval": "3 s", "jitter": 0.2, "controls": 2, "settle": "100 ms",
               "write_time_out": "1 s", "confirm": {"reads": 2, "within": "500 ms"}},
    "payload_classes": ["any", "astral"],
    "fields": {"interview": {}, "conclusion": {}},
    "end": "readback"})");
  for (int i = 1; i <= kPractitioners; ++i) {
    const std::string id = "synthetic-" + std::to_string(i);
    document["practitioners"].push_back({{"id", id}, {"patients", {id + "-a", id + "-b"}}});
  }
  document["journeys"] = {journey("note-alone", false), journey("note-with-document", true)};
  return document;
}

probes::Plan parsed_plan() {
  std::vector<probes::Problem> problems;
  std::optional<probes::Plan> plan = probes::parse_plan(plan_document(), problems);
  assert(plan.has_value());
  return std::move(*plan);
}

}  // namespace

guard::Configuration notes_configuration(unsigned edition) {
  // Parsed once: thousands of seeds take it.
  static const probes::Plan plan = parsed_plan();
  guard::Guarded guarded;
  guarded.plan = plan;
  guarded.plan_path = "plan.yaml";
  flags::Flag& flag = guarded.flag;
  flag.key = kFlag;
  flag.owner = "team-notes";
  flag.build = "build-1";
  flag.variants = {{"new", true}, {"old", false}};
  flag.safe = "old";
  flag.treatment = "new";
  flag.rollout.emplace();
  flag.rollout->steps = {
      {flags::Share{200'000}, 5s, 3}, {flags::Share{500'000}, 5s, 3}, {flags::kEverybody, 5s, 3}};
  flag.rollout->max_evidence_age = edition == 2 ? 20s : 25s;
  if (edition == 1) flag.build = "build-2";
  if (edition == 3) flag.rollout->steps.pop_back();
  if (edition == 4) flag.rollout->steps.front().share = flags::Share{100'000};
  guarded.evidence.max_loss_rate = 0.7;  // Three probes a step.
  guarded.evidence.max_class_loss_rate = 1;
  guard::Configuration configuration;
  configuration.application_time_out = 250ms;
  configuration.guarded.push_back(std::move(guarded));
  return configuration;
}

}  // namespace readback::simulation
