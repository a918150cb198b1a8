#include "guard/chain.h"

#include <unicode/unistr.h>

#include <string_view>

namespace readback::guard {
namespace {

// SQLite keeps any bytes as text; a reader of the ledger should not have to.
std::string well_formed(const std::string& text) {
  std::string kept;
  icu::UnicodeString::fromUTF8(text).toUTF8String(kept);
  return kept;
}

std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

LedgerRow row_of(const Entry& entry) {
  LedgerRow row;
  row.number = entry.number;
  row.at_ms = entry.at.count();
  row.flag = well_formed(entry.flag);
  row.kind = well_formed(entry.kind);
  row.by = well_formed(entry.by);
  row.reason = well_formed(entry.reason);
  row.state = entry.state.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return row;
}

Entry entry_of(const LedgerRow& row) {
  Entry entry;
  entry.number = row.number;
  entry.at = WallTime(row.at_ms);
  entry.flag = row.flag;
  entry.kind = row.kind;
  entry.by = row.by;
  entry.reason = row.reason;
  entry.state = nlohmann::json::parse(row.state, nullptr, false);
  if (entry.state.is_discarded()) entry.state = nullptr;
  return entry;
}

Digest chained_hash(const Digest& before, const LedgerRow& row) {
  std::string bytes(bytes_of(before));
  bytes += netstring(std::to_string(row.number));
  bytes += netstring(std::to_string(row.at_ms));
  for (const std::string* text : {&row.flag, &row.kind, &row.by, &row.reason, &row.state})
    bytes += netstring(*text);
  return sha256(bytes);
}

Result<void> Chain::check(const LedgerRow& row) {
  const std::string where = "ledger row " + std::to_string(row.number);
  if (row.number != count_ + 1)
    return Problem{where, "row " + std::to_string(count_ + 1) + " is missing before it"};
  const Digest hash = chained_hash(last_hash_, row);
  if (row.hash != bytes_of(hash)) return Problem{where, "its hash isn't that of what it holds"};
  ++count_;
  last_hash_ = hash;
  return {};
}

void Chain::add(LedgerRow& row) {
  row.number = ++count_;
  last_hash_ = chained_hash(last_hash_, row);
  row.hash = bytes_of(last_hash_);
}

}  // namespace readback::guard
