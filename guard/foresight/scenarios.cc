#include "guard/foresight/scenarios.h"

#include <algorithm>

#include "flags/duration.h"
#include "probes/coverage.h"

namespace readback::guard::foresight {
namespace {

using Names = std::vector<std::string>;

std::string joined(const Names& names, const char* between = ", ") {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : between) + name;
  return text;
}

bool can_show(const probes::Plan& plan, const probes::Field& field) {
  return !field.tolerates.contains(probes::LossClass::field_missing) &&
         std::any_of(plan.journeys.begin(), plan.journeys.end(),
                     [&](const auto& journey) { return !plan.reads(journey, field.name).empty(); });
}

// What is done in a visit beside the notes, and in which journeys.
void add_interference(const probes::Plan& plan, std::vector<Scenario>& scenarios) {
  Names actions;
  std::set<std::string> journeys;
  for (const probes::Journey& journey : plan.journeys) {
    for (const probes::Step& step : journey.steps) {
      if (step.interferes.empty()) continue;
      journeys.insert(journey.name);
      if (std::find(actions.begin(), actions.end(), step.interferes) == actions.end())
        actions.push_back(step.interferes);
    }
  }
  if (journeys.empty()) return;
  Loss loss;
  loss.rate = 1;
  loss.journeys = journeys;
  scenarios.push_back({"interference",
                       "only in a visit with another action",
                       "one that " + joined(actions, ", or "),
                       loss,
                       {},
                       {},
                       std::nullopt});
}

}  // namespace

std::vector<Scenario> scenarios_of(const probes::Plan& plan) {
  Loss all;
  all.rate = 1;
  Loss some;
  some.rate = 0.01;
  Names fields;
  for (const probes::Field& field : plan.fields)
    if (can_show(plan, field)) fields.push_back(field.name);
  std::vector<Scenario> scenarios{
      {"total", "every write", "", all, {}, {}, 1},
      {"one_field", "one field of every write", "drawn for each rollout", all, fields, {}, 1},
      {"one_class",
       "every write of one payload class",
       "drawn for each rollout",
       all,
       {},
       plan.payload_classes,
       std::nullopt},
      {"one_in_a_hundred", "one write in a hundred", "", some, {}, {}, 0.01}};
  add_interference(plan, scenarios);
  return scenarios;
}

std::vector<Unseen> unseen_by(const probes::Plan& plan) {
  const probes::NotCovered missing = probes::not_covered(plan);
  std::vector<Unseen> unseen;
  const auto add = [&](const Names& names, const std::string& loss, const std::string& why) {
    if (!names.empty()) unseen.push_back({loss + joined(names), why});
  };
  if (missing.without_interference.size() == plan.journeys.size())
    unseen.push_back(
        {"a loss that needs another action in the visit, such as a document that is "
         "shared",
         "no journey does anything but write and read"});
  else
    add(missing.without_interference, "a loss that needs another action in the visits of ",
        "these only write and read");
  add(missing.fields, "loss of ", "no journey writes it and reads it back");
  add(missing.unread, "loss in ", "it is written there and never read back");
  add(missing.payload_classes, "loss of texts of the payload classes ", "no probe writes them");
  add(missing.cannot_fail, "loss of ", "every loss of it is tolerated");
  add(missing.tolerated, "", "the plan tolerates it");
  add(missing.path_unnamed, "that the new code was never taken, in ",
      "the answer does not say which path it took");
  unseen.push_back({"a loss that shows later than " +
                        flags::format_duration(missing.longest_delay) + " after the write",
                    "no read comes later"});
  unseen.push_back({"a loss in the browser, before any request", "probes speak HTTP"});
  return unseen;
}

}  // namespace readback::guard::foresight
