#include "guard/command/simulate.h"

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "guard/command/exit_code.h"
#include "guard/configuration.h"
#include "guard/foresight/forecast.h"

namespace readback::guard {
namespace {

using foresight::Forecast;
using Json = nlohmann::json;

bool draw(const std::string& path, const Forecast& forecast, std::ostream& err) {
  std::ofstream file(path, std::ios::trunc);
  file << foresight::to_picture(forecast);
  file.close();
  if (!file) err << "guard: " << path << " can't be written\n";
  return !file.fail();
}

}  // namespace

int simulate(const SimulateOptions& options, std::ostream& out, std::ostream& err) {
  std::vector<Fault> faults;
  const auto configuration = read_configuration(options.config, faults);
  for (const Fault& fault : faults) err << to_string(fault) << "\n";
  if (!configuration) return kConfigInvalid;
  std::vector<const Guarded*> asked;
  for (const Guarded& guarded : configuration->guarded)
    if (guarded.flag.rollout && (options.flag.empty() || options.flag == guarded.flag.key))
      asked.push_back(&guarded);
  if (asked.empty() || (asked.size() > 1 && !options.svg.empty())) {
    err << (asked.empty() ? "guard: there is no such guarded flag\n"
                          : "guard: a picture is of one flag: say which, by --flag\n");
    return kUsage;
  }

  foresight::Assumptions assumed;
  assumed.practitioners = options.practitioners;
  assumed.writes_per_hour = options.writes_per_hour;
  assumed.answer = std::chrono::milliseconds(options.answer_ms);
  assumed.longest = assumed.healthy = std::chrono::hours(options.hours);
  const foresight::Playing playing{options.rollouts, options.seed, options.threads};
  Json list = Json::array();
  for (const Guarded* guarded : asked) {
    const Forecast forecast = foresight::foresee(*configuration, *guarded, assumed, playing);
    if (options.as_json)
      list.push_back(foresight::to_json(forecast));
    else
      out << foresight::to_text(forecast) << "\n";
    if (!options.svg.empty() && !draw(options.svg, forecast, err)) return kFailed;
  }
  if (options.as_json) out << Json{{"flags", list}}.dump(2) << "\n";
  return kOk;
}

}  // namespace readback::guard
