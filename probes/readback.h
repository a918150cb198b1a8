#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "probes/call.h"
#include "probes/observation.h"
#include "probes/plan.h"
#include "probes/result.h"
#include "probes/transport.h"

// One read of one record by one path at one delay: a value that survives a restart and holds no
// text. The texts are made again from payload class and seed, and checked by their SHA-256.

namespace readback::probes {

// What a walk made, and in whose name.
struct Record {
  std::string journey;
  std::string practitioner;
  std::string patient;
  std::map<std::string, nlohmann::json> captures;  // strings, numbers, truth values
};

// What was acknowledged for one field.
struct WrittenField {
  std::string field;
  std::uint64_t seed = 0;
  std::string sha256;  // of the text's UTF-8, in hex
  // Of the text that the same walk wrote there before: found again, it is stale.
  std::optional<std::uint64_t> previous_seed;
  // Of a later write there whose answer is not known: if its text is found, nothing is known.
  std::optional<std::uint64_t> unknown_seed;
};

struct ReadBack {
  Record record;
  std::uint64_t block = 0;
  unsigned member = 0;
  Arm arm = Arm::control;
  std::string payload_class;
  ReadPoint read;
  Milliseconds deadline{};           // after the delay
  std::vector<WrittenField> fields;  // that this path reads
  std::vector<WrittenField> beside;  // the record's others: found in the wrong place, foreign
};

// Whether everything that the read's placeholders name is known.
bool has_names(const Read& read, const ReadBack& read_back);

nlohmann::json to_json(const ReadBack& read_back);
// Fails on anything that to_json did not write.
Result<ReadBack> read_back_from_json(const nlohmann::json& stored);

// The exchange that reads it. Fails if the plan has no such journey, path or practitioner any more,
// or his secret cannot be read: the read is info then.
Result<Exchange> request(const Plan& plan, const ReadBack& read_back);

// A text that is known to have been written elsewhere: found here, it is foreign.
struct Elsewhere {
  std::string payload_class;
  std::uint64_t seed = 0;
  std::string field;
};

struct FieldReading {
  std::string field;
  // ok: equal or tolerated. fail: a mismatch, for the caller to wait for the deadline and confirm.
  // info: the read failed and says nothing.
  Outcome outcome = Outcome::info;
  LossClass loss_class = LossClass::indeterminate;
  // No further read can tell more: the text cannot be made again.
  bool is_final = false;
  std::string explanation;  // for people; holds no text
};

// Judges a reply, a reading for each of read_back.fields. What was written beside a field
// is known without being told.
//
// Silence, 401, 403, 407, 408, 425, 429, any 3xx and 5xx, and a body that is no JSON are info;
// 404, 410, and an item that is not in its list are record_missing.
std::vector<FieldReading> judge(const Plan& plan, const ReadBack& read_back, const Reply& reply,
                                const std::vector<Elsewhere>& elsewhere = {});

}  // namespace readback::probes
