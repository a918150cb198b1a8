#include "guard/configured_plans.h"

#include <utility>

#include "embedded/plan_schema.h"
#include "guard/schema.h"
#include "probes/plan_parse.h"

namespace readback::guard {
namespace {

std::vector<std::string> practitioner_ids(const nlohmann::json& plan) {
  std::vector<std::string> ids;
  const auto add = [&](const nlohmann::json& practitioner) {
    if (!practitioner.is_object() || !practitioner.contains("id")) return;
    if (const auto* id = practitioner.at("id").get_ptr<const std::string*>()) ids.push_back(*id);
  };
  if (!plan.is_object()) return ids;
  if (plan.contains("orphan")) add(plan.at("orphan"));
  const auto practitioners = plan.find("practitioners");
  if (practitioners == plan.end() || !practitioners->is_array()) return ids;
  for (const nlohmann::json& practitioner : *practitioners) add(practitioner);
  return ids;
}

ConfiguredPlan read_one(const std::string& path, std::vector<Fault>& faults) {
  ConfiguredPlan read{path, std::nullopt, {}};
  std::vector<Fault> found;
  const auto document = read_document(path, found);
  if (document) {
    const bool is_whole = check_end(*document, found);
    std::vector<Fault> shape;
    check_schema(*document, embedded::plan_schema, shape);
    add_new(std::move(shape), found);
    read.synthetic = practitioner_ids(document->json);
    if (is_whole) {
      std::vector<probes::Problem> problems;
      const auto directory = std::filesystem::path(path).parent_path();
      read.plan = probes::parse_plan(document->json, problems, directory);
      if (read.plan) probes::check_secrets(*read.plan, problems);
      std::vector<Fault> meaning;
      const Consequences shape_faults(*document, found);
      for (probes::Problem& problem : problems) {
        if (shape_faults.holds(problem.where)) continue;
        meaning.push_back({path, document->value_at(problem.where), std::move(problem.what)});
      }
      add_new(std::move(meaning), found);
    }
  }
  if (!found.empty()) read.plan.reset();
  for (Fault& fault : found) faults.push_back(std::move(fault));
  return read;
}

}  // namespace

const ConfiguredPlan* ConfiguredPlans::read(const std::string& name, const Document& config,
                                            const std::string& pointer) {
  const std::string path = (directory_ / name).string();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    faults_.push_back({config.file, config.value_at(pointer), "there is no file " + path});
    return nullptr;
  }
  const auto found = plans_.find(name);
  if (found != plans_.end()) return &found->second;
  files_.push_back(path);
  return &plans_.emplace(name, read_one(path, faults_)).first->second;
}

std::vector<std::string> ConfiguredPlans::synthetic(const std::string& name) const {
  const auto found = plans_.find(name);
  return found == plans_.end() ? std::vector<std::string>{} : found->second.synthetic;
}

std::optional<probes::Plan> read_plan(const std::string& path, std::vector<Fault>& faults) {
  std::vector<Fault> found;
  ConfiguredPlan read = read_one(path, found);
  for (Fault& fault : in_order(std::move(found), {path})) faults.push_back(std::move(fault));
  return std::move(read.plan);
}

}  // namespace readback::guard
