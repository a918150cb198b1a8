#include <algorithm>

#include "probes/payload.h"
#include "probes/plan_journeys.h"
#include "probes/template.h"

// Names within journeys: that each is known where it is used, and used once where it must be.

namespace readback::probes {
namespace {

using Names = std::set<std::string>;

std::string listed(const Names& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

// What placeholders may name at one place of a journey.
struct Scope {
  Names plain = {"practitioner", "patient"};
  Names texts;   // fields whose text may be sent
  Names nonces;  // fields whose text was, or is, sent

  // Why `name` is nothing here.
  std::optional<std::string> fault(const std::string& name) const {
    const auto colon = name.find(':');
    if (colon == name.npos && plain.contains(name)) return std::nullopt;
    if (colon == name.npos) return "'" + name + "' is not known here, but: " + listed(plain);
    const auto kind = name.substr(0, colon);
    if (kind != "text" && kind != "nonce")
      return "'" + name + "' is neither a text: nor a nonce: of a field";
    const auto& fields = kind == "text" ? texts : nonces;
    if (fields.contains(name.substr(colon + 1))) return std::nullopt;
    return "'" + name + "' is of a field that is not written here, but: " + listed(fields);
  }
};

// Collects the names of one place, each checked.
class Checker {
 public:
  Checker(const Scope& scope, const Node& root) : scope_(&scope), root_(&root) {}

  Names check(const nlohmann::json& strings, const std::string& where) const {
    const auto found = body_placeholders(strings);
    if (!found) {
      root_->problem_at(where, found.error().what);
      return {};
    }
    for (const auto& name : *found)
      if (const auto fault = scope_->fault(name)) root_->problem_at(where, *fault);
    return {found->begin(), found->end()};
  }

  Names check(const Call& call) const {
    auto names = check(call.url, call.pointer + "/url");
    for (const auto& [name, value] : call.headers)
      names.merge(check(value, call.pointer + "/headers/" + name));
    if (call.body) names.merge(check(*call.body, call.pointer + "/body"));
    return names;
  }

  void check(const Answer& answer, const std::string& where) const {
    for (std::size_t i = 0; i < answer.body.size(); ++i)
      check(answer.body[i].equals, where + "/body/" + std::to_string(i) + "/equals");
  }

 private:
  const Scope* scope_;
  const Node* root_;
};

bool is_capture_name(const std::string& name) {
  return is_word(name) && name != "practitioner" && name != "patient";
}

void check_step(const Plan& plan, const Step& step, Scope& scope, const Node& root) {
  const auto& where = step.call.pointer;
  for (const auto& field : step.writes) {
    if (plan.field(field) == nullptr)
      root.problem_at(where + "/writes", "there is no field '" + field + "'");
    scope.nonces.insert(field);
  }
  scope.texts = {step.writes.begin(), step.writes.end()};
  if (scope.texts.size() != step.writes.size())
    root.problem_at(where + "/writes", "names a field twice");
  const Checker checker(scope, root);
  const auto names = checker.check(step.call);
  for (const auto& field : scope.texts)
    if (!names.contains("text:" + field))
      root.problem_at(where + "/writes", "nothing here holds ${text:" + field + "}");
  checker.check(step.acknowledged, where + "/acknowledged");
  if (step.refused) checker.check(*step.refused, where + "/refused");
  for (const auto& [name, pointer] : step.captures) {
    if (!is_capture_name(name))
      root.problem_at(where + "/captures", "'" + name + "' cannot be the name of a capture");
    scope.plain.insert(name);
  }
}

void check_read(const Plan& plan, const Read& read, const Scope& scope, const Node& root) {
  const auto& where = read.call.pointer;
  const Checker checker(scope, root);
  auto names = checker.check(read.call);
  if (read.acknowledged) checker.check(*read.acknowledged, where + "/acknowledged");
  if (read.selection && read.selection->where)
    names.merge(checker.check(read.selection->where->equals, where + "/find/where/equals"));
  for (const auto& [field, pointer] : read.fields)
    if (!scope.nonces.contains(field))
      root.problem_at(where + "/fields", "'" + field + "' is written by no step before");
  const bool needs_nonce = std::any_of(names.begin(), names.end(),
                                       [](const auto& name) { return name.starts_with("nonce:"); });
  for (const auto& name : plan.payload_classes) {
    const auto* known = find_payload_class(name);
    if (needs_nonce && known != nullptr && !known->has_nonce)
      root.problem_at(where, "looks for a nonce, and '" + name + "' has no room for one");
  }
}

void check_cleanup(const Cleanup& cleanup, const Scope& scope, const Node& root) {
  const Checker checker(scope, root);
  const auto names = checker.check(cleanup.call);
  checker.check(cleanup.acknowledged, cleanup.call.pointer + "/acknowledged");
  const bool is_own = std::any_of(names.begin(), names.end(), [](const auto& name) {
    return name.find(':') == name.npos && name != "practitioner" && name != "patient";
  });
  if (!is_own)
    root.problem_at(cleanup.call.pointer,
                    "names nothing that the journey captured: a clean-up "
                    "removes only what its walk made");
}

void check_journey(const Plan& plan, const Journey& journey, const Node& root,
                   const std::string& where) {
  Scope scope;
  Names calls;
  Names paths;
  const auto name_once = [&](const Call& call) {
    if (!calls.insert(call.name).second)
      root.problem_at(call.pointer + "/name", "'" + call.name + "' is there twice");
  };
  for (const auto& step : journey.steps) {
    name_once(step.call);
    check_step(plan, step, scope, root);
  }
  if (scope.nonces.empty()) root.problem_at(where + "/steps", "no step writes a field");
  if (journey.reads.empty()) root.problem_at(where + "/steps", "no step reads a field back");
  scope.texts = scope.nonces;
  for (const auto& read : journey.reads) {
    name_once(read.call);
    if (!paths.insert(read.path).second)
      root.problem_at(read.call.pointer + "/path", "'" + read.path + "' is there twice");
    check_read(plan, read, scope, root);
  }
  scope.texts.clear();  // What is left of a walk for its clean-up holds no seeds.
  scope.nonces.clear();
  for (const auto& cleanup : journey.cleanup) {
    name_once(cleanup.call);
    check_cleanup(cleanup, scope, root);
  }
}

}  // namespace

void check_journeys(const Plan& plan, const Node& root) {
  Names names;
  for (std::size_t i = 0; i < plan.journeys.size(); ++i) {
    const auto where = "/journeys/" + std::to_string(i);
    if (!names.insert(plan.journeys[i].name).second)
      root.problem_at(where + "/name", "'" + plan.journeys[i].name + "' is there twice");
    check_journey(plan, plan.journeys[i], root, where);
  }
}

}  // namespace readback::probes
