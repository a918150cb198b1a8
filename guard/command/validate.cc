#include "guard/command/validate.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "flags/duration.h"
#include "guard/bounds.h"
#include "guard/command/exit_code.h"
#include "guard/configuration.h"
#include "guard/coverage.h"
#include "probes/coverage.h"

namespace readback::guard {
namespace {

using Json = nlohmann::json;

std::string written(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json faults_to_json(const std::vector<Fault>& faults) {
  Json list = Json::array();
  for (const Fault& fault : faults) {
    list.push_back({{"file", fault.file},
                    {"line", fault.at.line},
                    {"column", fault.at.column},
                    {"what", fault.what}});
  }
  return {{"valid", false}, {"faults", list}};
}

int refuse(const ValidateOptions& options, const std::vector<Fault>& faults, std::ostream& out,
           std::ostream& err) {
  if (options.as_json) {
    out << written(faults_to_json(faults));
    return kConfigInvalid;
  }
  for (const Fault& fault : faults) err << to_string(fault) << "\n";
  err << faults.size() << (faults.size() == 1 ? " fault" : " faults")
      << ": this config starts no guard and replaces none\n";
  return kConfigInvalid;
}

std::string not_covered_to_text(const probes::Plan& plan) {
  std::string text = "  not covered:\n";
  for (const std::string& words : not_covered_words(not_covered_json(plan)))
    text += "    " + words + "\n";
  return text;
}

void print_text(const Configuration& configuration, std::ostream& out) {
  out << configuration.path << " is valid\n";
  for (const Guarded& guarded : configuration.guarded) {
    const flags::Flag& flag = guarded.flag;
    out << "\n" << flag.key << ", owner " << flag.owner << ", build " << flag.build << "\n";
    if (!flag.rollout) {
      out << "  unguarded: everybody gets \"" << flag.safe << "\"\n";
      continue;
    }
    out << "  plan " << guarded.plan_path << "\n"
        << to_text(derive_bounds(*flag.rollout, guarded.plan, delays_of(configuration),
                                 needs_of(guarded.evidence)))
        << not_covered_to_text(guarded.plan);
    for (const std::string& warning : probes::warnings(guarded.plan))
      out << "  WARNING: " << warning << "\n";
  }
}

Json to_json(const Configuration& configuration) {
  Json list = Json::array();
  for (const Guarded& guarded : configuration.guarded) {
    const flags::Flag& flag = guarded.flag;
    Json one = {{"flag", flag.key},
                {"owner", flag.owner},
                {"build", flag.build},
                {"guarded", flag.rollout.has_value()}};
    if (flag.rollout) {
      one["plan"] = guarded.plan_path;
      one["bounds"] = to_json(derive_bounds(*flag.rollout, guarded.plan, delays_of(configuration),
                                            needs_of(guarded.evidence)));
      one["not_covered"] = not_covered_json(guarded.plan);
      one["warnings"] = probes::warnings(guarded.plan);
    }
    list.push_back(std::move(one));
  }
  return {{"valid", true}, {"config", configuration.path}, {"flags", list}};
}

}  // namespace

int validate(const ValidateOptions& options, std::ostream& out, std::ostream& err) {
  std::vector<Fault> faults;
  const auto configuration = read_configuration(options.config, faults);
  if (!configuration) return refuse(options, faults, out, err);
  if (options.as_json) {
    out << written(to_json(*configuration));
  } else {
    print_text(*configuration, out);
  }
  return kOk;
}

}  // namespace readback::guard
