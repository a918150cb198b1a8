#include "guard/sqlite_rows.h"

#include <string_view>

namespace readback::guard {
namespace {

std::string digest_bytes(const std::string& text) {
  const Digest digest = sha256(text);
  return {digest.begin(), digest.end()};
}

std::string checksum(const PendingRead& read, const std::string& task) {
  return digest_bytes(netstring("pending") + netstring(read.id) + netstring(read.flag) +
                      netstring(task));
}

std::string checksum(const ExposureRecord& record) {
  return digest_bytes(
      netstring("exposures") + netstring(record.flag) + netstring(record.practitioner) +
      netstring(std::to_string(record.first.count())) +
      netstring(std::to_string(record.last.count())) + netstring(std::to_string(record.step)));
}

}  // namespace

std::string text_of(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

LedgerRow ledger_row(const SqliteStatement& statement) {
  LedgerRow row;
  row.number = static_cast<std::uint64_t>(statement.number(0));
  row.at_ms = statement.number(1);
  row.flag = statement.bytes(2);
  row.kind = statement.bytes(3);
  row.by = statement.bytes(4);
  row.reason = statement.bytes(5);
  row.state = statement.bytes(6);
  row.hash = statement.bytes(7);
  return row;
}

void bind_row(SqliteStatement& statement, const LedgerRow& row) {
  statement.bind(1, static_cast<std::int64_t>(row.number));
  statement.bind(2, row.at_ms);
  statement.bind_text(3, row.flag);
  statement.bind_text(4, row.kind);
  statement.bind_text(5, row.by);
  statement.bind_text(6, row.reason);
  statement.bind_text(7, row.state);
  statement.bind_bytes(8, row.hash);
}

void bind_row(SqliteStatement& statement, const PendingRead& read) {
  const std::string task = text_of(read.task);
  statement.bind_text(1, read.id);
  statement.bind_text(2, read.flag);
  statement.bind_text(3, task);
  statement.bind_bytes(4, checksum(read, task));
}

void bind_row(SqliteStatement& statement, const ExposureRecord& record) {
  statement.bind_text(1, record.flag);
  statement.bind_text(2, record.practitioner);
  statement.bind(3, record.first.count());
  statement.bind(4, record.last.count());
  statement.bind(5, record.step);
  statement.bind_bytes(6, checksum(record));
}

Result<PendingRead> pending_row(const SqliteStatement& statement) {
  PendingRead read;
  read.id = statement.bytes(0);
  read.flag = statement.bytes(1);
  const std::string task = statement.bytes(2);
  read.task = nlohmann::json::parse(task, nullptr, false);
  if (statement.bytes(3) != checksum(read, task) || read.task.is_discarded())
    return Problem{"pending read " + read.id, "its checksum isn't that of what it holds"};
  return read;
}

Result<ExposureRecord> exposure_row(const SqliteStatement& statement) {
  ExposureRecord record;
  record.flag = statement.bytes(0);
  record.practitioner = statement.bytes(1);
  record.first = WallTime(statement.number(2));
  record.last = WallTime(statement.number(3));
  record.step = static_cast<unsigned>(statement.number(4));
  if (statement.bytes(5) != checksum(record))
    return Problem{"exposure of " + record.practitioner + " to " + record.flag,
                   "its checksum isn't that of what it holds"};
  return record;
}

}  // namespace readback::guard
