#include "guard/command/audit.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "guard/command/exit_code.h"
#include "guard/sqlite_database.h"
#include "guard/state_directory.h"

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

}  // namespace

ExitCode verify_audit(const AuditOptions& options, std::ostream& out, std::ostream& errors) {
  const auto expected = from_hex(options.expect);
  if (!options.expect.empty() && !expected) {
    errors << "guard: --expect takes 64 hexadecimal digits, lower case\n";
    return kUsage;
  }
  DatabaseOptions database_options;
  database_options.path = StateDirectory::find(options.state).database();
  const auto database = SqliteDatabase::open_to_read(database_options);
  if (database.has_error()) {
    errors << "guard: " << database.error().where << ": " << database.error().what << "\n";
    return kFailed;
  }
  const auto verified = (*database)->verify(expected);
  if (verified.has_error()) {
    errors << "guard: " << database_options.path << ": " << verified.error().what << "\n";
    return kFailed;
  }
  const bool was_seen = !expected || verified->has_seen_expected;
  print(*verified, was_seen, options.json, out);
  return verified->broken.what.empty() && was_seen ? kOk : kFailed;
}

}  // namespace readback::guard
