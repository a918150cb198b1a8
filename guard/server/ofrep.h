#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "guard/clock.h"
#include "guard/exposures.h"
#include "guard/publisher.h"
#include "guard/server/route.h"
#include "guard/witness.h"

// The OpenFeature Remote Evaluation Protocol, version 0.3.0: what applications ask.
//
//   POST /ofrep/v1/evaluate/flags/KEY   one flag, for server providers
//   POST /ofrep/v1/evaluate/flags       all flags, for browsers; also with a slash at the end
//
// Every body has what the strictest of the official providers asks for: `metadata` always,
// `variant` and `reason` in each success, `errorDetails` in each error, and never a `value` beside
// a status that is not 200. Treatment answers carry `leaseUntilMs` in their metadata: wall
// milliseconds, absolute, after which a client must not use the answer any more. Control answers
// carry nothing that changes, so that the ETag of a bulk answer stays.
//
//   200  a value. Also for whoever sends no context, no targetingKey, or whom the guard's own
//        troubles keep from treatment: the safe variant, reason DEFAULT. An error would make a
//        server provider fall back to the code default, which is not always the safe variant, and
//        would make a browser keep an old treatment.
//        So does, in bulk, whoever proves no token, or is one too many: of a browser, 401 and 429
//        would freeze what it has.
//   304  bulk only: If-None-Match names the ETag, which is the client's token and the SHA-256 of
//        the exact body (guard/server/client_token.h). A flagConfigEtag in the query, as an event
//        may have told it, that is another one makes it 200.
//   400  PARSE_ERROR: no JSON object (server/json_request.h), or a path that isn't percent-encoded.
//        INVALID_CONTEXT, one flag only: the context is no object or the targetingKey no text; a
//        bulk answer takes it for a context without targetingKey, for the browser's sake.
//   404  FLAG_NOT_FOUND: no such flag, or a key that no flag can have.
//   503  GENERAL: to the synthetic practitioner whose evaluations fail (guard/orphan_probe.h).
//
// A bulk answer names the client's event stream (guard/server/event_streams.h), and each question
// with a tag tells what its sender holds (guard/holders.h).
//
// The Content-Type of the request is not looked at: providers differ in it, and the body decides.

namespace readback::guard::server {

// What was answered since the start, for the metrics.
struct EvaluationCounts {
  std::map<std::pair<std::string, std::string>, std::uint64_t> by_variant;  // flag, variant
  std::uint64_t not_found = 0;
  std::uint64_t refused = 0;       // 400
  std::uint64_t not_modified = 0;  // 304
  std::uint64_t denied = 0;        // bulk, without a valid token: 200 with the safe values
  std::uint64_t over_limit = 0;    // too many newcomers at once: the safe values
};

class Stamps;
struct Clients;

// Routes for the listener. All references must outlive them. `clients` may be null: then bulk
// answers name no event stream, and nobody is known to hold anything.
std::vector<Route> ofrep(const Publisher& publisher, const Clock& clock, Exposures& exposures,
                         Witness& witness, EvaluationCounts& counts, const Stamps& stamps,
                         const Clients* clients = nullptr);

}  // namespace readback::guard::server
