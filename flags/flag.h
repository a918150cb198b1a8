#pragma once

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "flags/bucketing.h"

// What a release engineer says of a flag. Values only.

namespace readback::flags {

struct Variant {
  std::string name;
  nlohmann::json value;  // boolean, string, number or object
};

// Who may be in at all. An empty Eligibility takes everybody; a practitioner who is listed by id is
// in whatever his attributes are; else each attribute named must have one of the listed values.
struct Eligibility {
  std::map<std::string, std::set<std::string>> attributes;  // speciality, region, practice, ...
  std::set<std::string> practitioners;
};

// What the rollout counts as one member: everybody of a practice is in together, or not.
enum class Unit { practitioner, practice };

struct Step {
  Share share;
  std::chrono::milliseconds minimum_time{};
  // Treatment writes begun in this step, for each required journey and field, each with its longest
  // re-read done and all of its block's controls ok.
  unsigned minimum_evidence = 0;
};

struct Rollout {
  Eligibility who;
  Unit by = Unit::practitioner;      // practice: the attribute "practice" of the context
  std::vector<Step> steps;           // shares grow; at least one
  std::chrono::milliseconds bake{};  // at 100 %, before `guard finish` is allowed
  std::chrono::milliseconds max_evidence_age{};  // M of the lease
};

// Whether `text` may be a flag's key, or a variant's name: one or more of [A-Za-z0-9._-].
bool is_key(std::string_view text);

struct Flag {
  std::string key;    // is_key()
  std::string owner;  // a team or a person, told to on-call
  std::string build;  // what is deployed: commit or image digest
  std::vector<Variant> variants;
  std::string safe;       // name of the variant that is served when in doubt
  std::string treatment;  // name of the variant under test; differs from `safe`
  // Without a rollout the flag is unguarded: everybody gets `safe`, reason STATIC.
  std::optional<Rollout> rollout;

  const Variant* find(const std::string& name) const;     // null if there is none
  const Variant& variant(const std::string& name) const;  // asserts that there is one
};

}  // namespace readback::flags
