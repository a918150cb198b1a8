#include "guard/command/replay.h"

#include <istream>
#include <ostream>

#include "guard/replay/replayed.h"

namespace readback::guard {

using Json = nlohmann::json;

constexpr std::size_t kLineBytes = std::size_t{1} << 20;

ExitCode replay(const ReplayOptions& options, std::istream& in, std::ostream& out,
                std::ostream& errors) {
  std::vector<Fault> faults;
  std::unique_ptr<Replayed> replayed;
  if (const auto document = read_document(options.parameters, faults); document && faults.empty())
    replayed = replayed_of(*document, faults);
  for (const Fault& fault : faults) errors << to_string(fault) << "\n";
  if (!replayed) return kConfigInvalid;

  out << Json{{"parameters", replayed->parameters()}}.dump() << "\n";
  std::string text;
  for (std::size_t number = 1; std::getline(in, text); ++number) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto refuse = [&errors, number](const std::string& why) {
      errors << "line " << number << ": " << why << "\n";
      return kFailed;
    };
    if (text.size() > kLineBytes) return refuse("longer than 1 MiB");
    const Json outcome = Json::parse(text, nullptr, false);
    if (outcome.is_discarded()) return refuse("no JSON");
    OutcomeLine line(outcome);
    Json told = replayed->take(line);
    if (const auto fault = line.fault()) return refuse(*fault);
    told["line"] = number;
    out << told.dump() << "\n";
  }
  out.flush();
  return out ? kOk : kFailed;
}

}  // namespace readback::guard
