#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "guard/clock.h"
#include "guard/result.h"

// What must outlive the process, but for the latches (guard/latch_file.h): the ledger, of which the
// rollouts' positions are the fold; re-reads that are still due; who was exposed. A seam: SQLite in
// the product, the same code on a simulated disk in the tests.

namespace readback::guard {

// One line of the ledger: something that changed what is served or what is known. Append-only,
// chained by SHA-256 (guard/chain.h).
struct Entry {
  std::uint64_t number = 0;  // given by the store: 1, 2, 3, ... without a gap
  WallTime at{};
  std::string flag;  // empty: of the guard itself
  std::string kind;  // "started", "advanced", "paused", "reverted", "rearmed", ...
  std::string by;    // a person, or "guard"
  std::string reason;
  nlohmann::json state;  // what of the flag's state must survive, as it is after this entry
};

// A read-back that is due later, or one of a block that isn't complete yet. Holds no text: only
// what the text can be made again from, and its SHA-256.
struct PendingRead {
  std::string id;  // unique
  std::string flag;
  nlohmann::json task;  // written and read by the prober
};

// One practitioner's exposure to one flag's treatment.
struct ExposureRecord {
  std::string flag;
  std::string practitioner;  // keyed hash, or the id where the plan allows it
  WallTime first{};
  WallTime last{};
  unsigned step = 0;  // the step at the last time
};

using EntryVisitor = std::function<void(const Entry&)>;

struct Loaded {
  std::vector<PendingRead> pending;
  std::vector<ExposureRecord> exposures;
};

// Everything is durable on return. After one failed synchronisation every later call fails, too: a
// handle is not trusted again.
class Store {
 public:
  virtual ~Store() = default;

  // Called once, before anything else. `each` is called for every entry of the ledger, oldest
  // first, perhaps on another thread; not any more once this has returned.
  virtual boost::asio::awaitable<Result<Loaded>> load(EntryVisitor each) = 0;

  virtual boost::asio::awaitable<Result<void>> append(std::vector<Entry> entries) = 0;

  // The newest `count` entries, oldest first.
  virtual boost::asio::awaitable<Result<std::vector<Entry>>> tail(unsigned count) = 0;

  // Refused (Problem::is_refusal) where too many would wait.
  virtual boost::asio::awaitable<Result<void>> put_pending(std::vector<PendingRead> reads) = 0;
  virtual boost::asio::awaitable<Result<void>> erase_pending(std::vector<std::string> ids) = 0;

  // Inserts, or moves `last` and `step` of the one that is there.
  virtual boost::asio::awaitable<Result<void>> record_exposures(
      std::vector<ExposureRecord> records) = 0;
};

}  // namespace readback::guard
