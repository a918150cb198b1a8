#include "tests/probes/plans.h"

#include <doctest/doctest.h>

#include "probes/plan_parse.h"

namespace readback::probes {

nlohmann::json sample_document() {
  return nlohmann::json::parse(R"({
    "version": 1,
    "target": {"base_url": "http://notes.test:8090/api", "hosts": ["notes.test"],
               "authentication": {"scheme": "none"}, "time_out": "2 s"},
    "practitioners": [
      {"id": "synthetic-01", "patients": ["synthetic-01-a"]},
      {"id": "synthetic-02", "patients": ["synthetic-02-a"]},
      {"id": "synthetic-03", "patients": ["synthetic-03-a"]},
      {"id": "synthetic-04", "patients": ["synthetic-04-a"], "attributes": {"region": "east"}}],
    "rounds": {"interval": "10 s", "jitter": 0.2, "controls": 1, "settle": "100 ms",
               "write_time_out": "1 s"},
    "payload_classes": ["any", "astral"],
    "delays": ["0 s", "2 s"],
    "fields": {"interview": {}, "conclusion": {"tolerates": ["edge_whitespace"]}},
    "journeys": [{
      "name": "shared",
      "steps": [
        {"kind": "act", "name": "create", "method": "POST", "url": "/patients/${patient}/visits",
         "body": {"by": "${practitioner}"},
         "acknowledged": {"status": [201], "body": [{"pointer": "/id", "exists": true}]},
         "captures": {"visit": "/id", "version": "/version"}},
        {"kind": "write", "name": "autosave", "method": "POST", "url": "/visits/${visit}/autosave",
         "body": {"interview": "${text:interview}"}, "writes": ["interview"],
         "acknowledged": {"status": [200], "body": [{"pointer": "/saved", "equals": true}]}},
        {"kind": "act", "name": "share", "method": "POST", "url": "/visits/${visit}/share",
         "acknowledged": {"status": [200]}, "interferes": "shares a document"},
        {"kind": "write", "name": "save", "method": "PUT", "url": "/visits/${visit}/notes",
         "headers": {"If-Match": "${version}"},
         "body": {"version": "${version}", "interview": "${text:interview}",
                  "conclusion": "${text:conclusion}"},
         "writes": ["interview", "conclusion"],
         "acknowledged": {"status": [200, 201],
                          "body": [{"pointer": "/saved", "equals": true},
                                   {"pointer": "/visit", "equals": "${visit}"},
                                   {"pointer": "/etag", "matches": "[a-z]+-[0-9]+"}]},
         "refused": {"status": [200], "body": [{"pointer": "/error", "exists": true}]},
         "path_taken": {"pointer": "/path", "treatment": "new", "control": "old"}},
        {"kind": "read", "name": "get", "method": "GET", "url": "/visits/${visit}",
         "path": "record", "fields": {"interview": "/note/interview",
                                      "conclusion": "/note/conclusion"},
         "delays": ["0 s", "2 s", "1 h"], "deadline": "3 s"},
        {"kind": "read", "name": "search", "method": "GET", "url": "/search?q=${nonce:interview}",
         "path": "search", "fields": {"interview": "/interview"},
         "find": {"items": "/found", "where": {"pointer": "/id", "equals": "${visit}"}}}],
      "cleanup": [{"name": "delete", "method": "DELETE", "url": "/visits/${visit}",
                   "acknowledged": {"status": [204]}}]}],
    "end": "readback"})");
}

Plan sample_plan(const nlohmann::json& patch) {
  std::vector<Problem> problems;
  auto plan = parse_plan(sample_document().patch(patch), problems);
  for (const auto& problem : problems) MESSAGE(problem.where << ": " << problem.what);
  REQUIRE(plan.has_value());
  return *std::move(plan);
}

}  // namespace readback::probes
