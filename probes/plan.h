#pragma once

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "probes/loss_class.h"
#include "probes/observation.h"
#include "probes/result.h"
#include "probes/secret.h"

// What a release engineer says of how to probe an application: its address, the synthetic
// practitioners, and journeys of ordered steps. Values only; configs/schema/plan.schema.json is the
// shape, plan_parse.h the meaning.
//
// Strings of a step may hold placeholders, ${NAME} (template.h): practitioner, patient, a captured
// name, text:FIELD and nonce:FIELD.

namespace readback::probes {

using Milliseconds = std::chrono::milliseconds;

// How a practitioner's secret is sent: as Authorization with Bearer; with Basic, where the secret
// is "user:password"; or as a header of its own.
enum class Authentication { none, bearer, basic, header };

struct Target {
  std::string base_url;  // http or https, no query; what a step's url is appended to
  Authentication authentication = Authentication::bearer;
  std::string header;  // of Authentication::header: its name
  Milliseconds time_out{5'000};
  std::size_t reply_bytes = std::size_t{1} << 20;
  // Hosts that exchanges may go to; base_url's is one of them. A plan with a mistyped address must
  // not write into somebody else's records.
  std::set<std::string> hosts;
};

// Not a real one: whoever plays him writes only into records of his own patients.
struct Practitioner {
  std::string id;                // the targeting key that the application asks with
  std::optional<Secret> secret;  // unset only with Authentication::none
  std::vector<std::string> patients;
  std::map<std::string, std::string> attributes;
};

struct Field {
  std::string name;
  bool is_required = true;        // of evidence for the lease and for a step
  std::set<LossClass> tolerates;  // found with these, it is ok
};

// A condition on the body of a reply, which must be JSON.
struct Condition {
  enum class Kind { equals, exists, matches };
  std::string pointer;
  Kind kind = Kind::exists;
  nlohmann::json equals;  // a string may hold placeholders
  std::string matches;    // ICU regular expression that the whole string or number matches
};

// Status *and* conditions: 200 carries refusals in many an application.
struct Answer {
  std::set<int> status;
  std::vector<Condition> body;  // all of them
};

// Where the application says which way it took, and what it says for each arm.
struct PathTaken {
  std::string pointer;
  nlohmann::json treatment;
  nlohmann::json control;
};

// What is sent; all of it may hold placeholders but the method and the names.
struct Call {
  std::string name;  // unique in the journey
  std::string method;
  std::string url;  // path and query, appended to base_url
  std::map<std::string, std::string> headers;
  std::optional<nlohmann::json> body;
  std::string pointer;  // of the step in the plan, for problems
};

// An action in the visit. One that writes fields holds their text in its body.
struct Step {
  Call call;
  Answer acknowledged;
  std::optional<Answer> refused;                // beside the statuses that say so (journey.h)
  std::map<std::string, std::string> captures;  // name -> JSON Pointer into the reply
  std::vector<std::string> writes;              // fields; empty: not a write
  std::optional<PathTaken> path_taken;
  std::string interferes;  // in words, for people: what it does beside the notes

  bool is_write() const { return !writes.empty(); }
};

// How a record is found in a reply that holds many. Without it, pointers begin at the root.
struct Selection {
  std::string items;  // JSON Pointer to an array
  // The item whose value at `pointer` equals `equals`, a template; unset: the first.
  struct Where {
    std::string pointer;
    std::string equals;
  };
  std::optional<Where> where;
};

// One way back to the text. Reads come after the journey's last act and write.
struct Read {
  Call call;
  std::string path;  // the name of the way: record, list, search, revisions; unique in the journey
  // Unset: any 2xx. A reply that does not meet it is unreadable, which says nothing of the text.
  std::optional<Answer> acknowledged;
  std::optional<Selection> selection;
  std::map<std::string, std::string> fields;  // field -> JSON Pointer into the record
  // Counted from the acknowledgement of the last write plus Plan::settle; ascending, unique.
  std::vector<Milliseconds> delays;
  Milliseconds deadline{5'000};  // after each delay: until then a mismatch is pending
};

struct Cleanup {
  Call call;  // names a captured id: only what the walk made is removed
  Answer acknowledged;
};

struct Journey {
  std::string name;
  bool is_required = true;
  std::vector<Step> steps;  // acts and writes, in order
  std::vector<Read> reads;
  std::vector<Cleanup> cleanup;

  const Read* read(std::string_view path) const;  // null if there is none
  bool writes(std::string_view field) const;
};

struct Confirm {
  unsigned reads = 2;          // re-reads that must all find the loss
  Milliseconds within{2'000};  // after the fail
};

struct Plan {
  Target target;
  std::vector<Practitioner> practitioners;
  // One more, whose evaluations always fail: the application must take him the way of control.
  std::optional<Practitioner> orphan;
  Milliseconds interval{};  // between the starts of two blocks of each journey
  double jitter = 0.2;      // share of the interval, to either side; 0 to 0.9
  unsigned controls = 3;    // m: members of a block beside the treatment
  Milliseconds settle{};    // between the last write's acknowledgement and the first read
  Milliseconds write_time_out{5'000};
  Milliseconds round_deadline{};  // stated, or longest_round()
  Milliseconds lease_within{5'000};
  Confirm confirm;
  std::vector<std::string> payload_classes;
  std::vector<Field> fields;  // by name
  std::vector<Journey> journeys;

  const Journey* journey(std::string_view name) const;          // null if there is none
  const Practitioner* practitioner(std::string_view id) const;  // null if there is none
  const Field* field(std::string_view name) const;              // null if there is none

  // Fields that `journey` both writes and reads, in the plan's order.
  std::vector<std::string> probed_fields(const Journey& journey) const;
  // The reads that evidence for the lease needs of one field of `journey`: every path that reads it
  // at every delay of at most lease_within.
  std::vector<ReadPoint> lease_reads(const Journey& journey, std::string_view field) const;
  // All of them, every delay.
  std::vector<ReadPoint> reads(const Journey& journey, std::string_view field) const;
};

// Longest time that a walk may take until its last write is answered; until its last step is.
Milliseconds write_span(const Plan& plan, const Journey& journey);
Milliseconds walk_span(const Plan& plan, const Journey& journey);
// R of the lease: walk, settle, the longest delay within lease_within, that read's deadline, the
// confirming re-reads; over all journeys.
Milliseconds longest_round(const Plan& plan);
// Blocks of one journey that may be in flight at once until their last write is answered.
unsigned overlap(const Plan& plan, const Journey& journey);
// Practitioners that all of them together need.
unsigned practitioners_needed(const Plan& plan);

}  // namespace readback::probes
