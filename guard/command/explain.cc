#include "guard/command/explain.h"

#include <ctime>
#include <iomanip>
#include <optional>
#include <ostream>
#include <sstream>

#include "guard/explain.h"
#include "guard/sqlite_database.h"
#include "guard/state_directory.h"

namespace readback::guard {
namespace {

std::optional<WallTime> parse_time(const std::string& text) {
  if (!text.empty() && text.find_first_not_of("0123456789") == text.npos && text.size() < 16)
    return WallTime(std::stoll(text));
  std::tm time{};
  std::string blank = text;
  // As it is printed, and as it is in ISO 8601.
  if (blank.size() == 20 && blank[10] == 'T') blank[10] = ' ';
  std::istringstream stream(blank);
  stream >> std::get_time(&time, "%Y-%m-%d %H:%M:%SZ");
  if (stream.fail() || stream.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
  // All of that second, since times are printed rounded down.
  return WallTime(std::chrono::seconds(timegm(&time)) + std::chrono::milliseconds(999));
}

}  // namespace

ExitCode explain_flag(const ExplainOptions& options, std::ostream& out, std::ostream& errors) {
  const std::optional<WallTime> at = parse_time(options.at);
  if (!options.at.empty() && !at) {
    errors << "guard: --at takes a time such as 2026-01-31T04:05:06Z, or milliseconds since 1970\n";
    return kUsage;
  }
  DatabaseOptions database_options;
  database_options.path = StateDirectory::find(options.state).database();
  const auto database = SqliteDatabase::open_to_read(database_options);
  if (database.has_error()) {
    errors << "guard: " << database.error().where << ": " << database.error().what << "\n";
    return kFailed;
  }
  Explanation explanation(options.flag, at);
  const auto walked = (*database)->walk([&](const Entry& entry) { explanation.take(entry); });
  if (walked.has_error()) {
    errors << "guard: " << walked.error().where << ": " << walked.error().what << "\n";
    return kFailed;
  }
  if (!explanation.is_known()) {
    errors << "guard: the ledger has nothing of \"" << options.flag << "\""
           << (at ? " before that time" : "") << "\n";
    return kRefused;
  }
  const nlohmann::json json = explanation.json();
  if (options.as_json)
    out << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  else
    out << explain_text(json);
  return kOk;
}

}  // namespace readback::guard
