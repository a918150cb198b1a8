#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "guard/document.h"
#include "probes/plan.h"

// The plans that a config names, each file read once. A plan's faults are told in its own file.

namespace readback::guard {

struct ConfiguredPlan {
  std::string path;
  std::optional<probes::Plan> plan;    // unset: something is wrong with it
  std::vector<std::string> synthetic;  // ids of its practitioners, as far as they could be read
};

class ConfiguredPlans {
 public:
  ConfiguredPlans(std::filesystem::path directory, std::vector<Fault>& faults)
      : directory_(std::move(directory)), faults_(faults) {}

  // The plan in the file `name`, relative to the directory. Null if there is no such file, which is
  // told at `pointer` of `config`.
  const ConfiguredPlan* read(const std::string& name, const Document& config,
                             const std::string& pointer);

  // The synthetic practitioners of a plan that was read.
  std::vector<std::string> synthetic(const std::string& name) const;
  const std::vector<std::string>& files() const { return files_; }  // in the order read

 private:
  std::filesystem::path directory_;
  std::vector<Fault>& faults_;
  std::map<std::string, ConfiguredPlan> plans_;  // by name
  std::vector<std::string> files_;
};

// Reads one plan file for itself, as `guard probe run` does: shape, meaning and secrets, all faults
// at once. Nothing if any was added.
std::optional<probes::Plan> read_plan(const std::string& path, std::vector<Fault>& faults);

}  // namespace readback::guard
