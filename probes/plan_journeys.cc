#include "probes/plan_journeys.h"

#include <algorithm>
#include <cctype>

#include "probes/extract.h"
#include "probes/template.h"

namespace readback::probes {
namespace {

using namespace std::chrono_literals;

// What the transport sets, and what the authentication does.
const std::set<std::string> kOwnHeaders = {
    "host", "content-length", "transfer-encoding", "connection", "expect", "te", "upgrade"};
const std::set<std::string> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE"};

std::string lower(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool is_header_name(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

std::string read_pointer(const Node& node) {
  auto pointer = node.text("");
  if (!node.is_there()) node.problem("is missing");
  if (!is_pointer(pointer)) node.problem("is no JSON Pointer: write it as /visit/notes");
  return pointer;
}

Call read_call(const Node& node) {
  Call call;
  call.pointer = node.where();
  call.name = node.at("name").word();
  call.method = node.at("method").text();
  if (!call.method.empty() && !kMethods.contains(call.method))
    node.at("method").problem("is none of GET, POST, PUT, PATCH, DELETE");
  call.url = node.at("url").text();
  if (const auto fault = url_fault(call.url); fault && !call.url.empty())
    node.at("url").problem(*fault);
  for (const auto& [name, value] : node.at("headers").members()) {
    if (!is_header_name(name)) value.problem("is no name of a header");
    if (kOwnHeaders.contains(lower(name))) value.problem("is set by the transport");
    call.headers[name] = value.text("");
  }
  if (!node.at("body").is_there()) return call;
  call.body = node.at("body").value();
  if (call.method == "GET") node.at("body").problem("a GET carries no body");
  return call;
}

Condition read_condition(const Node& node) {
  Condition condition;
  condition.pointer = read_pointer(node.at("pointer"));
  const auto equals = node.at("equals");
  const auto matches = node.at("matches");
  const auto exists = node.at("exists");
  if (equals.is_there() + matches.is_there() + exists.is_there() != 1)
    node.problem("says one of equals, exists, matches");
  if (equals.is_there()) {
    condition.kind = Condition::Kind::equals;
    condition.equals = equals.value();
  } else if (matches.is_there()) {
    condition.kind = Condition::Kind::matches;
    condition.matches = matches.text();
    if (const auto fault = pattern_fault(condition.matches)) matches.problem(*fault);
  } else if (exists.is_there() && !exists.truth(true)) {
    exists.problem("is true, or left out");
  }
  return condition;
}

Step read_step(const Node& node, bool is_write) {
  Step step;
  step.call = read_call(node);
  step.acknowledged = read_answer(node.at("acknowledged"), is_write);
  if (node.at("refused").is_there()) step.refused = read_answer(node.at("refused"), false);
  for (const auto& [name, value] : node.at("captures").members())
    step.captures[name] = read_pointer(value);
  step.writes = node.at("writes").texts();
  if (is_write && step.writes.empty()) node.at("writes").problem("a write names its fields");
  if (!is_write && !step.writes.empty()) node.at("writes").problem("only a write names fields");
  if (const auto taken = node.at("path_taken"); taken.is_there()) {
    if (!is_write) taken.problem("only a write names the path that it took");
    step.path_taken = PathTaken{.pointer = read_pointer(taken.at("pointer")),
                                .treatment = taken.at("treatment").text(),
                                .control = taken.at("control").text()};
    if (step.path_taken->treatment == step.path_taken->control)
      taken.problem("treatment and control are the same");
  }
  step.interferes = node.at("interferes").text("");
  return step;
}

Read read_read(const Node& node, const JourneyDefaults& defaults) {
  Read read;
  read.call = read_call(node);
  read.path = node.at("path").word();
  if (const auto answer = node.at("acknowledged"); answer.is_there())
    read.acknowledged = read_answer(answer, false);
  if (const auto find = node.at("find"); find.is_there()) {
    read.selection = Selection{.items = read_pointer(find.at("items")), .where = std::nullopt};
    if (const auto where = find.at("where"); where.is_there())
      read.selection->where =
          Selection::Where{read_pointer(where.at("pointer")), where.at("equals").text()};
  }
  for (const auto& [field, value] : node.at("fields").members())
    read.fields[field] = read_pointer(value);
  if (read.fields.empty()) node.at("fields").problem("a read names the fields that it reads");
  read.delays = defaults.delays;
  if (node.at("delays").is_there()) read.delays = read_delays(node.at("delays"));
  read.deadline = node.at("deadline").duration(read.deadline);
  return read;
}

void read_steps(const Node& node, const JourneyDefaults& defaults, Journey& journey) {
  for (const auto& item : node.items()) {
    const auto kind = item.at("kind").text();
    if (kind == "read") {
      journey.reads.push_back(read_read(item, defaults));
    } else if (kind == "act" || kind == "write") {
      journey.steps.push_back(read_step(item, kind == "write"));
      if (!journey.reads.empty())
        item.problem("comes after a read: texts are read back when all was done");
    } else if (!kind.empty()) {
      item.at("kind").problem("is none of act, write, read");
    }
  }
}

}  // namespace

Answer read_answer(const Node& node, bool needs_body) {
  Answer answer;
  for (const auto& item : node.at("status").items()) {
    const auto status = static_cast<int>(item.number(0, 100, 599));
    if (status != 0) answer.status.insert(status);
  }
  if (answer.status.empty()) node.at("status").problem("names no status");
  for (const auto& item : node.at("body").items()) answer.body.push_back(read_condition(item));
  if (needs_body && answer.body.empty())
    node.at("body").problem("a write's status alone proves nothing: say what the body holds");
  return answer;
}

std::vector<Milliseconds> read_delays(const Node& node) {
  std::vector<Milliseconds> delays;
  for (const auto& item : node.items()) {
    const auto delay = item.duration(0ms);
    if (!delays.empty() && delay <= delays.back())
      item.problem("is not longer than the delay before it");
    delays.push_back(delay);
  }
  if (delays.empty()) node.problem("names no delay");
  return delays;
}

Journey read_journey(const Node& node, const JourneyDefaults& defaults) {
  Journey journey;
  journey.name = node.at("name").word();
  journey.is_required = node.at("required").truth(true);
  read_steps(node.at("steps"), defaults, journey);
  for (const auto& item : node.at("cleanup").items())
    journey.cleanup.push_back({read_call(item), read_answer(item.at("acknowledged"), false)});
  return journey;
}

}  // namespace readback::probes
