#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "configs/demo/load/visit.h"
#include "configs/demo/sqlite.h"

// The load generator's own ledger: what was written and what was acknowledged. A file of its own,
// which nobody else writes:
//
//   notes   a row for each field of each save that was sent, in the order of sending: visit,
//           practitioner, field, sha256 of the text, started_ms, had_shared_document, is_draft,
//           and acknowledged_ms, path, revision, which are null where no acknowledgement came
//   losses  a row for each note that the final audit found lost; see audit.h
//
// All times are Unix time in milliseconds.

namespace demo::load {

struct Sent {
  std::string visit;
  std::string practitioner;
  bool had_shared_document = false;
  std::int64_t started_ms = 0;
  std::optional<std::int64_t> acknowledged_ms{};
  std::string path{};  // as the answer names it
  std::int64_t revision = 0;
};

// A row of `notes` as the audit reads it.
struct Entry {
  std::string visit, practitioner, field, sha256, path;
  std::int64_t started_ms = 0;
  bool is_acknowledged = false;
  bool had_shared_document = false;
};

class Ledger {
 public:
  // Makes the file; throws std::runtime_error if there is one that holds notes already, for their
  // visits are not this run's.
  explicit Ledger(const std::string& file);

  void add(const Sent& sent, const Save& save);
  // Keeps what was added since; what was not flushed is gone when the process ends.
  void flush();

  // All rows, those of a visit's field together and in the order of sending.
  void each(const std::function<void(const Entry&)>& visitor);
  void add_loss(const Entry& entry, const std::string& found_sha256);

 private:
  Database database_;
  Statement add_, all_, add_loss_;
};

}  // namespace demo::load
