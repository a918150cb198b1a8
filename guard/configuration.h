#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "flags/flag.h"
#include "guard/document.h"
#include "guard/evidence/options.h"
#include "probes/plan.h"

// All that people say to one guard: guard.yaml and the plans that it names, as one value that is
// right in every part, or everything that is wrong with it. There is no half of a config: a wrong
// one never starts the daemon and never replaces a running one.
//
// The shape is configs/schema/guard.schema.json; configs/guard.yaml is a commented sample.

namespace readback::guard {

struct ExposureOptions {
  enum class Identity { hash, id };
  Identity record = Identity::hash;  // keyed hash, or the practitioner's id
  std::size_t at_most = 100'000;     // at this many practitioners exposure does not widen
};

// A flag and the plan that guards it.
struct Guarded {
  flags::Flag flag;
  probes::Plan plan;      // without journeys iff the flag has no rollout, and so is unguarded
  std::string plan_path;  // empty iff unguarded
  EvidenceOptions evidence;
};

struct Configuration {
  std::string path;                       // of guard.yaml, as given
  std::string listen_host = "127.0.0.1";  // an IP address, without brackets
  std::uint16_t listen_port = 8016;       // 0: any free one
  std::string token_file;                 // absolute
  std::string lease_key;                  // signs lease tokens; empty: there are none. Never logged
  std::vector<std::string> browser_origins;  // of pages that may ask; "*": any
  std::vector<std::string> tokens;           // what the file holds; never printed or logged
  std::chrono::milliseconds answer_within{100};
  std::chrono::milliseconds application_time_out{};             // more than answer_within
  std::chrono::milliseconds application_keeps_answer{0};        // A of guard/bounds.h
  std::chrono::milliseconds application_commits_within{5'000};  // I
  std::chrono::milliseconds clock_error{1'000};                 // s
  std::chrono::milliseconds watchdog{5'000};
  ExposureOptions exposures;
  std::vector<Guarded> guarded;  // in the file's order; keys are unique

  const Guarded* find(std::string_view flag) const;  // null if there is none
};

// Reads the config at `path`, its plans and its secrets. Nothing, and at least one fault, if
// anything is wrong: all of it, ordered by file and position.
//
// Refused beside what the schemas, flags::parse_flag and probes::parse_plan refuse: an address that
// is not on loopback without listen_anywhere, answer_within that is not below the application's
// time-out, a watchdog under 10 x answer_within or not under every max_evidence_age, secrets that
// cannot be read or that others may read, one secret of two practitioners, two flags with one key,
// a plan without a rollout or the reverse, a real practitioner's list that holds a synthetic id of
// any plan, a practitioner who is synthetic for two flags, and a lease too short for its plan
// (guard/bounds.h).
std::optional<Configuration> read_configuration(const std::string& path,
                                                std::vector<Fault>& faults);

}  // namespace readback::guard
