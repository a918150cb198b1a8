#include "guard/command/rollback.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "flags/lease.h"
#include "guard/command/read_clients.h"
#include "guard/command/read_flag.h"
#include "guard/command/state_reach.h"
#include "guard/holder_words.h"
#include "guard/status_text.h"
#include "guard/system_clock.h"
#include "guard/utc.h"

namespace readback::guard {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

// The revert is done by then. A client that listens confirms with its second question.
constexpr milliseconds kPatience{2'500};

// A person's name, even if the guard's own user is called "guard", as which nobody may sign.
std::string login_name() {
  const char* const before_sudo = std::getenv("SUDO_USER");
  if (::geteuid() == 0 && before_sudo != nullptr && *before_sudo != '\0') return before_sudo;
  const passwd* const user = ::getpwuid(::getuid());
  if (user == nullptr) return "uid " + std::to_string(::getuid());
  const std::string name = user->pw_name;
  return name == "guard" ? "user guard" : name;
}

struct Report {
  std::string flag;
  Reverted reverted;
  Served served;
  milliseconds now{};
  std::optional<milliseconds> held_until;
  json clients;  // guard/holder_words.h; null if no guard tells
};

Report roll_back_one(const std::string& flag, StateReach& reach) {
  Report report;
  report.flag = flag;
  report.reverted = revert_anyhow(flag, reach);
  if (report.reverted.exit_code == kRefused) return report;
  report.served.words = "nobody is served; code default";
  if (reach.is_running()) {
    report.served.words = "it could not be read back: no record of the guard's address";
    if (reach.last_run()) report.served = read_flag(*reach.last_run(), flag);
  }
  if (report.served.is_treatment) report.reverted.exit_code = kFailed;
  if (report.reverted.guard == Reverted::Guard::up)
    report.clients = read_clients(reach.socket(), flag, kPatience);
  // From now on, since a guard that was hung may have served until it was killed.
  report.now = SystemClock().wall();
  if (const auto age = reach.max_evidence_age(flag))
    report.held_until = flags::round_stamp(report.now + *age);
  return report;
}

json to_json(const Report& report) {
  constexpr const char* kGuards[] = {"up", "hung", "down"};
  const Reverted& reverted = report.reverted;
  json body = {{"flag", report.flag},
               {"exit_code", static_cast<int>(reverted.exit_code)},
               {"durable", reverted.is_durable},
               {"guard", kGuards[static_cast<std::size_t>(reverted.guard)]},
               {"killed", reverted.was_killed},
               {"served", nullptr},
               {"held_until_ms", nullptr},
               {"clients", report.clients},
               {"words", reverted.words}};
  if (report.served.is_known)
    body["served"] = {{"variant", report.served.variant},
                      {"reason", report.served.reason},
                      {"is_treatment", report.served.is_treatment}};
  if (!report.served.words.empty()) body["words"].push_back(report.served.words);
  if (report.held_until) body["held_until_ms"] = report.held_until->count();
  return body;
}

std::string headline(const Report& report) {
  const Reverted& reverted = report.reverted;
  if (reverted.exit_code == kRefused) return "NOT reverted";
  if (report.served.is_treatment) return "TREATMENT IS STILL SERVED";
  if (reverted.exit_code == kFailed) return "NOT CERTAIN";
  if (!reverted.is_durable)
    return reverted.guard == Reverted::Guard::up
               ? "the safe variant is served, but NOT ON DISK: a restart would forget it"
               : "NOT ON DISK: do not start the guard";
  return "reverted, and on disk";
}

std::string to_text(const Report& report) {
  std::string text = report.flag + ": " + headline(report) + "\n";
  for (const std::string& words : report.reverted.words) text += "  " + words + "\n";
  if (report.reverted.exit_code == kRefused) return text;
  text += "  " + report.served.words + "\n";
  if (!report.clients.is_null())
    text += "  clients: " + holder_words(report.clients, report.now) + "\n";
  if (report.held_until)
    return text + "  " + holding(report.held_until->count(), report.now) + "\n";
  return text + "  how long a client can hold treatment is not on record here\n";
}

std::string next(const std::vector<Report>& reports, ExitCode worst) {
  const std::string flag = reports.size() == 1 ? reports.front().flag : "FLAG";
  if (worst == kOk) return "next (find whose notes to check):\nguard exposures " + flag + "\n";
  if (worst == kRefused) return "next:\nguard status\n";
  return "next (until it says \"reverted, and on disk\"):\nguard rollback " +
         (reports.size() == 1 ? flag : "--all") + " --reason TEXT\n";
}

ExitCode worst_of(const std::vector<Report>& reports) {
  for (const ExitCode code : {kFailed, kNotDurable, kRefused})
    for (const Report& report : reports)
      if (report.reverted.exit_code == code) return code;
  return kOk;
}

}  // namespace

ExitCode roll_back(const RollbackOptions& options, std::ostream& out, std::ostream& errors) {
  // A revert never fails by its words: "guard" is the daemon's own name, and a reason is wanted.
  const bool is_named = !options.by.empty() && options.by != "guard";
  StateReach reach(StateDirectory::find(options.state), is_named ? options.by : login_name(),
                   options.reason.empty() ? "no reason given" : options.reason);
  if (!reach.obstacle().what.empty()) {
    errors << "guard: " << reach.obstacle().where << ": " << reach.obstacle().what << "\n";
    return reach.is_forbidden() ? kRefused : kUnreachable;
  }
  std::set<std::string> flags{options.flag};
  if (options.is_all) flags = reach.known_flags();
  if (flags.empty()) {
    errors << "guard: there is no record of any flag here; name the flag\n";
    return kRefused;
  }
  std::vector<Report> reports;
  for (const std::string& flag : flags) reports.push_back(roll_back_one(flag, reach));
  const ExitCode worst = worst_of(reports);
  if (options.as_json) {
    json body = {{"ok", worst == kOk}, {"flags", json::array()}};
    for (const Report& report : reports) body["flags"].push_back(to_json(report));
    out << body.dump(2, ' ', false, json::error_handler_t::replace) << "\n";
    return worst;
  }
  for (const Report& report : reports) out << to_text(report);
  out << next(reports, worst);
  return worst;
}

}  // namespace readback::guard
