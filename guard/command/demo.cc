#include "guard/command/demo.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "embedded/demo_plan.h"
#include "embedded/demo_plan_without_document.h"
#include "guard/command/demo/play.h"
#include "guard/entropy.h"

namespace readback::guard {
namespace {

namespace fs = std::filesystem;

fs::path own_path() {
  return fs::read_symlink("/proc/self/exe");
}

std::string new_directory() {
  SystemEntropy entropy;
  return fs::temp_directory_path() / ("readback-demo-" + std::to_string(entropy.draw()));
}

ExitCode list_faults(bool as_json, std::ostream& out) {
  nlohmann::json list = nlohmann::json::array();
  for (const demo::PlayedFault& fault : demo::faults()) {
    list.push_back({{"fault", fault.name}, {"story", fault.story}});
    if (!as_json) out << fault.name << ": " << fault.story << "\n";
  }
  if (as_json) out << list.dump(2) << "\n";
  return kOk;
}

}  // namespace

ExitCode play_demo(const DemoOptions& options, std::ostream& out, std::ostream& errors) {
  if (options.is_listing) return list_faults(options.as_json, out);
  const std::optional<demo::PlayedFault> fault = demo::find_fault(options.fault);
  if (!fault) {
    errors << "guard demo: there is no fault \"" << options.fault << "\"; --list names them\n";
    return kUsage;
  }
  demo::StageOptions stage;
  stage.directory = options.directory.empty() ? new_directory() : options.directory;
  stage.guard = own_path();
  stage.programs = options.programs.empty()
                       ? (own_path().parent_path().parent_path() / "configs/demo").string()
                       : options.programs;
  std::ostream& story = options.as_json ? errors : out;
  story << "everything of this run is in " << stage.directory << "\n";
  const auto give_up = [&errors](const Problem& problem) {
    errors << "guard demo: " << problem.where << ": " << problem.what << "\n";
    return kFailed;
  };
  auto side = demo::Side::open(stage, "main", embedded::demo_plan, stage.practitioners);
  if (side.has_error()) return give_up(side.error());
  // The second guard's service is its own and serves its synthetic practitioners alone.
  std::optional<demo::Side> other;
  if (fault->name == demo::faults().front().name) {
    auto opened = demo::Side::open(stage, "without-document-journey",
                                   embedded::demo_plan_without_document, 0);
    if (opened.has_error()) return give_up(opened.error());
    other = std::move(*opened);
  }
  demo::Play play(*side, other ? &*other : nullptr, *fault, options.is_from_start, story);
  const Result<bool> played = play.perform(stage);
  if (played.has_error()) return give_up(played.error());
  if (options.as_json) {
    nlohmann::json report = play.report();
    report["ok"] = *played;
    report["directory"] = stage.directory;
    out << report.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  }
  return *played ? kOk : kFailed;
}

}  // namespace readback::guard
