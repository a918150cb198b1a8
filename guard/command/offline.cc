#include "guard/command/offline.h"

#include <algorithm>
#include <set>

#include "flags/lease.h"
#include "guard/sqlite_database.h"
#include "guard/status_text.h"
#include "guard/system_clock.h"
#include "guard/utc.h"

namespace readback::guard {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

json of_flag(const std::string& flag, const Latch& latch, const LastRun::Flag& last,
             milliseconds now) {
  // Served treatment until now at the latest, and what is latched until it was.
  const bool is_told = latch.is_latched && latch.is_readable;
  milliseconds until = flags::round_stamp(now + last.max_evidence_age);
  if (is_told) until = flags::round_stamp(latch.when + latch.max_evidence_age);
  until = std::max(until, last.held_until);
  json status = {{"flag", flag},
                 {"latched", latch.is_latched},
                 {"is_readable", latch.is_readable},
                 {"when_ms", latch.when.count()},
                 {"who", latch.who},
                 {"cause", latch.cause},
                 {"reason", latch.reason},
                 {"build", latch.build},
                 {"held_until_ms", nullptr}};
  if (until > now) status["held_until_ms"] = until.count();
  return status;
}

}  // namespace

json offline_status(const StateDirectory& directory, const std::string& flag) {
  json status = {{"running", false},
                 {"at_ms", SystemClock().wall().count()},
                 {"served", "code default"},
                 {"latch_damage", ""},
                 {"flags", json::array()}};
  const milliseconds now(status["at_ms"].get<std::int64_t>());
  const Result<LastRun> last_run = directory.read_last_run();
  const auto device = open_latch_device(directory.latches(), IfMissing::fail);
  if (device.has_error()) {
    status["latch_damage"] = device.error().where + ": " + device.error().what;
    return status;
  }
  const LatchFile latches(**device);
  status["latch_damage"] = latches.damage();
  std::set<std::string> names;
  for (const auto& [name, latch] : latches.read_all()) names.insert(name);
  if (last_run.has_value())
    for (const auto& [name, last] : last_run->flags) names.insert(name);
  for (const std::string& name : names) {
    if (!flag.empty() && name != flag) continue;
    LastRun::Flag last;
    if (last_run.has_value() && last_run->flags.contains(name)) last = last_run->flags.at(name);
    status["flags"].push_back(of_flag(name, latches.read(name), last, now));
  }
  return status;
}

std::string offline_text(const json& status) {
  const milliseconds now(status.at("at_ms").get<std::int64_t>());
  std::string text = "the guard is not running: nobody is served; code default\n";
  if (!status.at("latch_damage").get<std::string>().empty())
    text += "latches: " + status.at("latch_damage").get<std::string>() + "\n";
  for (const json& flag : status.at("flags")) {
    text += flag.at("flag").get<std::string>() + ": ";
    if (!flag.at("latched").get<bool>())
      text += "not latched\n";
    else if (!flag.at("is_readable").get<bool>())
      text += "latched, since its slot is damaged\n";
    else
      text += "REVERTED " + utc(milliseconds(flag.at("when_ms").get<std::int64_t>())) + " by " +
              flag.at("who").get<std::string>() + " (" + flag.at("cause").get<std::string>() +
              "): " + flag.at("reason").get<std::string>() + "\n";
    text += "  " + holding(flag.at("held_until_ms"), now) + "\n";
  }
  return text + "next:\nguard run CONFIG\n";
}

Result<json> stored_exposures(const StateDirectory& directory, const std::string& flag) {
  DatabaseOptions options;
  options.path = directory.database();
  const auto database = SqliteDatabase::open_to_read(options);
  if (database.has_error()) return database.error();
  const Result<Loaded> loaded = (*database)->load();
  if (loaded.has_error()) return loaded.error();
  json list = json::array();
  for (const ExposureRecord& record : loaded->exposures)
    if (record.flag == flag)
      list.push_back({{"practitioner", record.practitioner},
                      {"first_ms", record.first.count()},
                      {"last_ms", record.last.count()},
                      {"step", record.step + 1}});
  json body = {{"flag", flag}, {"is_full", false}, {"exposures", std::move(list)}};
  return Result<json>(boost::system::in_place_value, std::move(body));
}

}  // namespace readback::guard
