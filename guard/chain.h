#pragma once

#include <cstdint>
#include <string>

#include "guard/digest.h"
#include "guard/result.h"
#include "guard/store.h"

// The ledger's chain: each entry's hash covers the hash before it, so that no entry can be changed,
// dropped or put in without every later hash changing (S. Haber and W. S. Stornetta, "How to
// Time-Stamp a Digital Document", 1991). What it cannot show is that entries are missing at the
// end: compare the count and the last hash with ones noted elsewhere.
//
// Must never change between releases; a test pins it:
//
//   hash(0) = 32 zero bytes
//   hash(n) = SHA-256(hash(n-1) N(number) N(at) N(flag) N(kind) N(by) N(reason) N(state))
//
// where N is a netstring of the UTF-8 bytes (guard/digest.h), the numbers are decimal, `at` is in
// milliseconds since 1970-01-01 UTC and `state` is the text that is stored: JSON without blanks,
// keys in order of their bytes.

namespace readback::guard {

// An entry as it is stored.
struct LedgerRow {
  std::uint64_t number = 0;
  std::int64_t at_ms = 0;
  std::string flag;
  std::string kind;
  std::string by;
  std::string reason;
  std::string state;  // JSON text
  std::string hash;   // 32 bytes
};

LedgerRow row_of(const Entry& entry);  // without hash; ill-formed UTF-8 becomes U+FFFD
Entry entry_of(const LedgerRow& row);  // a state that is no JSON becomes null

Digest chained_hash(const Digest& before, const LedgerRow& row);

// Walks a ledger from its first entry.
class Chain {
 public:
  std::uint64_t count() const { return count_; }  // of whole entries
  const Digest& last_hash() const { return last_hash_; }

  // Fails, saying why and with the row's number in `where`, if `row` isn't the next whole one.
  Result<void> check(const LedgerRow& row);

  // Numbers and hashes `row` as the next one.
  void add(LedgerRow& row);

 private:
  std::uint64_t count_ = 0;
  Digest last_hash_{};
};

}  // namespace readback::guard
