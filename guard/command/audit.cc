#include "guard/command/audit.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "guard/command/exit_code.h"
#include "guard/sqlite_database.h"
#include "guard/state_directory.h"
#include "guard/utc.h"

namespace readback::guard {
namespace {

void print(const SqliteDatabase::Verified& verified, bool was_expected_seen, bool json,
           std::ostream& out) {
  const bool is_broken = !verified.broken.what.empty();
  const std::string hash = to_hex(verified.chain.last_hash());
  if (json) {
    nlohmann::json report = {{"entries", verified.chain.count()},
                             {"last_hash", hash},
                             {"is_whole", !is_broken && was_expected_seen},
                             {"broken_row", nullptr},
                             {"problem", nullptr}};
    if (!was_expected_seen) report["problem"] = "no entry has the expected hash";
    if (is_broken) {
      report["broken_row"] = verified.broken_row;
      report["problem"] = verified.broken.what;
    }
    out << report.dump(2) << "\n";
    return;
  }
  out << verified.chain.count() << (verified.chain.count() == 1 ? " entry" : " entries")
      << (is_broken ? " before the first broken one\n" : ", chain whole\n");
  out << "last hash " << hash << "\n";
  if (is_broken) out << verified.broken.where << ": " << verified.broken.what << "\n";
  if (!was_expected_seen) out << "no entry has the expected hash\n";
}

Result<std::unique_ptr<SqliteDatabase>> open(const AuditOptions& options) {
  DatabaseOptions database_options;
  database_options.path = StateDirectory::find(options.state).database();
  return SqliteDatabase::open_to_read(database_options);
}

ExitCode tell(const Problem& problem, std::ostream& errors) {
  errors << "guard: the ledger: " << problem.where << ": " << problem.what << "\n";
  return kFailed;
}

}  // namespace

ExitCode verify_audit(const AuditOptions& options, std::ostream& out, std::ostream& errors) {
  const auto expected = from_hex(options.expect);
  if (!options.expect.empty() && !expected) {
    errors << "guard: --expect takes 64 hexadecimal digits, lower case\n";
    return kUsage;
  }
  const auto database = open(options);
  if (database.has_error()) return tell(database.error(), errors);
  const auto verified = (*database)->verify(expected);
  if (verified.has_error()) return tell(verified.error(), errors);
  const bool was_seen = !expected || verified->has_seen_expected;
  print(*verified, was_seen, options.json, out);
  return verified->broken.what.empty() && was_seen ? kOk : kFailed;
}

ExitCode show_audit(const AuditOptions& options, std::ostream& out, std::ostream& errors) {
  const auto database = open(options);
  if (database.has_error()) return tell(database.error(), errors);
  const auto entries = (*database)->tail(options.last);
  if (entries.has_error()) return tell(entries.error(), errors);
  nlohmann::json list = nlohmann::json::array();
  for (const Entry& entry : *entries) {
    list.push_back({{"number", entry.number},
                    {"at_ms", entry.at.count()},
                    {"flag", entry.flag},
                    {"kind", entry.kind},
                    {"by", entry.by},
                    {"reason", entry.reason}});
    if (options.json) continue;
    out << entry.number << "  " << utc(entry.at) << "  " << entry.flag << "  " << entry.kind
        << " by " << entry.by << (entry.reason.empty() ? "" : ": ") << entry.reason << "\n";
  }
  if (options.json)
    out << list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  return kOk;
}

}  // namespace readback::guard
