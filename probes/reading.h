#pragma once

#include <nlohmann/json.hpp>

#include "probes/classify.h"
#include "probes/result.h"

// A write and a read of it as JSON, as people and other programs state them:
//
//   written      text
//   readback     text; needed where write_state is acknowledged and read_state ok, of no account
//                elsewhere
//   write_state  acknowledged (default), refused, unknown
//   read_state   ok (default), no_record, no_field, null, failed
//   prev         text that the field held before the write
//   concurrent   list of texts that were acknowledged to other sessions
//   others       list of texts of other records, fields and arms

namespace readback::probes {

// Fails on whatever else there is, too: a misspelt "prev" would make another class of it. The
// problem holds none of the texts.
Result<Reading> reading_from_json(const nlohmann::json& stated);

}  // namespace readback::probes
