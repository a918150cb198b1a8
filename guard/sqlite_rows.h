#pragma once

#include <string>

#include "guard/chain.h"
#include "guard/sqlite_connection.h"
#include "guard/store.h"

// The rows of guard/sqlite_database.h, between statements and values. Columns stand in the order of
// the tables.

namespace readback::guard {

LedgerRow ledger_row(const SqliteStatement& statement);
void bind_row(SqliteStatement& statement, const LedgerRow& row);

// Of the caches: with their checksum, which read_row checks.
void bind_row(SqliteStatement& statement, const PendingRead& read);
void bind_row(SqliteStatement& statement, const ExposureRecord& record);
Result<PendingRead> pending_row(const SqliteStatement& statement);
Result<ExposureRecord> exposure_row(const SqliteStatement& statement);

std::string text_of(const nlohmann::json& json);  // as it is stored; never throws

}  // namespace readback::guard
