#include "flags/definition.h"

#include <algorithm>
#include <utility>

#include "flags/duration.h"
#include "flags/lease.h"

namespace readback::flags {
namespace {

using Json = nlohmann::json;

// One mapping that is being read: checked getters that tell what they miss.
class Mapping {
 public:
  Mapping(const Json& json, std::string where, std::vector<Problem>& problems)
      : json_(json), where_(std::move(where)), problems_(problems) {
    if (!json.is_object()) refuse("", "expected a mapping");
  }

  const Json* find(const char* key) const {
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(key);
    return found == json_.end() ? nullptr : &*found;
  }

  std::string at(const std::string& key) const {
    return (Json::json_pointer(where_) / key).to_string();
  }

  void refuse(const std::string& key, std::string what) const {
    problems_.push_back({key.empty() ? where_ : at(key), std::move(what)});
  }

  // The value that must be there, and what `is_right` wants of it; null otherwise.
  template <class Is>
  const Json* require(const char* key, Is is_right, const char* expected) const {
    const Json* value = find(key);
    if (value && is_right(*value)) return value;
    if (json_.is_object()) refuse(key, std::string(value ? "" : "is missing: ") + expected);
    return nullptr;
  }

  std::string text(const char* key, std::size_t longest_bytes) const {
    const auto is_right = [&](const Json& value) {
      return value.is_string() && !value.get_ref<const std::string&>().empty() &&
             value.get_ref<const std::string&>().size() <= longest_bytes;
    };
    const std::string expected =
        "expected a text of 1 to " + std::to_string(longest_bytes) + " bytes";
    const Json* value = require(key, is_right, expected.c_str());
    return value ? value->get<std::string>() : "";
  }

  std::chrono::milliseconds duration(const char* key) const {
    const auto is_text = [](const Json& value) { return value.is_string(); };
    const Json* value = require(key, is_text, "expected a duration such as \"10 min\"");
    if (!value) return {};
    const auto time = parse_duration(value->get_ref<const std::string&>());
    if (time.has_error()) refuse(key, time.error().what);
    return time.has_value() ? *time : std::chrono::milliseconds{};
  }

  std::vector<Problem>& problems() const { return problems_; }

 private:
  const Json& json_;
  std::string where_;
  std::vector<Problem>& problems_;
};

bool is_value(const Json& value) {
  return value.is_boolean() || value.is_string() || value.is_number() || value.is_object();
}

bool is_same_type(const Json& one, const Json& other) {
  return one.type() == other.type() || (one.is_number() && other.is_number());
}

void read_variants(const Mapping& flag, Flag& into) {
  const auto is_right = [](const Json& value) { return value.is_object() && !value.empty(); };
  const Json* variants = flag.require("variants", is_right, "expected variants, NAME: VALUE");
  if (!variants) return;
  const Mapping mapping(*variants, flag.at("variants"), flag.problems());
  for (const auto& [name, value] : variants->items()) {
    if (!is_key(name)) mapping.refuse(name, "expected a name of letters, digits and ._-");
    if (!is_value(value)) {
      mapping.refuse(name, "expected a boolean, a text, a number or a mapping");
    } else if (!into.variants.empty() && is_value(into.variants.front().value) &&
               !is_same_type(value, into.variants.front().value)) {
      mapping.refuse(name, "expected a value of the same type as that of \"" +
                               into.variants.front().name + "\"");
    }
    into.variants.push_back({name, value});
  }
}

std::string read_variant_name(const Mapping& flag, const char* key, const Flag& of) {
  std::string name = flag.text(key, 100);
  std::string names;
  for (const Variant& variant : of.variants) {
    if (variant.name == name) return name;
    names += (names.empty() ? "" : ", ") + variant.name;
  }
  if (!name.empty() && !names.empty()) flag.refuse(key, "expected one of the variants: " + names);
  return name;
}

std::set<std::string> read_texts(const Mapping& mapping, const std::string& key, const Json& list) {
  std::set<std::string> texts;
  if (!list.is_array() || list.empty()) {
    mapping.refuse(key, "expected a list of at least one text");
    return texts;
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string where = mapping.at(key) + "/" + std::to_string(i);
    if (!list[i].is_string() || list[i].get_ref<const std::string&>().empty()) {
      mapping.problems().push_back({where, "expected a text"});
    } else if (!texts.insert(list[i].get<std::string>()).second) {
      mapping.problems().push_back(
          {where, "\"" + list[i].get<std::string>() + "\" is listed already"});
    }
  }
  return texts;
}

Eligibility read_who(const Mapping& rollout) {
  Eligibility who;
  const Json* json = rollout.find("who");
  if (!json) return who;
  const Mapping mapping(*json, rollout.at("who"), rollout.problems());
  if (const Json* list = mapping.find("practitioners")) {
    who.practitioners = read_texts(mapping, "practitioners", *list);
  }
  const Json* attributes = mapping.find("attributes");
  if (!attributes) return who;
  const Mapping named(*attributes, mapping.at("attributes"), rollout.problems());
  if (!attributes->is_object()) return who;
  for (const auto& [name, values] : attributes->items()) {
    who.attributes[name] = read_texts(named, name, values);
  }
  return who;
}

Step read_step(const Mapping& mapping) {
  Step step;
  const auto is_text = [](const Json& value) { return value.is_string(); };
  if (const Json* share = mapping.require("share", is_text, "expected a share such as \"1.3 %\"")) {
    const auto parsed = parse_share(share->get_ref<const std::string&>());
    if (parsed.has_error()) {
      mapping.refuse("share", parsed.error().what);
    } else if (*parsed < kSmallestStep) {
      mapping.refuse("share", "expected at least 0.01 %");
    } else {
      step.share = *parsed;
    }
  }
  step.minimum_time = mapping.duration("minimum_time");
  const auto is_count = [](const Json& value) {
    return value.is_number_integer() && value > 0 && value <= 1'000'000;
  };
  const Json* evidence =
      mapping.require("minimum_evidence", is_count, "expected a whole number from 1 to 1000000");
  if (evidence) step.minimum_evidence = evidence->get<unsigned>();
  return step;
}

std::vector<Step> read_steps(const Mapping& rollout) {
  std::vector<Step> steps;
  const auto is_right = [](const Json& value) {
    return value.is_array() && !value.empty() && value.size() <= 100;
  };
  const Json* list = rollout.require("steps", is_right, "expected a list of 1 to 100 steps");
  if (!list) return steps;
  Share largest = kNobody;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Mapping mapping((*list)[i], rollout.at("steps") + "/" + std::to_string(i),
                          rollout.problems());
    const Step step = read_step(mapping);
    if (step.share != kNobody && step.share <= largest) {
      mapping.refuse("share", "expected more than the step before: shares grow");
    }
    largest = std::max(largest, step.share);
    steps.push_back(step);
  }
  return steps;
}

Rollout read_rollout(const Mapping& mapping) {
  Rollout rollout;
  if (const Json* by = mapping.find("by")) {
    if (*by == "practice") {
      rollout.by = Unit::practice;
    } else if (*by != "practitioner") {
      mapping.refuse("by", "expected practitioner or practice");
    }
  }
  rollout.who = read_who(mapping);
  rollout.steps = read_steps(mapping);
  rollout.bake = mapping.duration("bake");
  rollout.max_evidence_age = mapping.duration("max_evidence_age");
  if (mapping.find("max_evidence_age") && rollout.max_evidence_age <= kStampGrain) {
    mapping.refuse("max_evidence_age", "expected more than 5 s, to which stamps are rounded down");
  }
  return rollout;
}

}  // namespace

std::optional<Flag> parse_flag(const Json& json, const std::string& where,
                               std::vector<Problem>& problems) {
  const std::size_t problems_before = problems.size();
  const Mapping mapping(json, where, problems);
  Flag flag;
  flag.key = mapping.text("key", 100);
  if (!flag.key.empty() && !is_key(flag.key))
    mapping.refuse("key", "expected letters, digits and ._-");
  flag.owner = mapping.text("owner", 200);
  flag.build = mapping.text("build", 128);
  read_variants(mapping, flag);
  flag.safe = read_variant_name(mapping, "safe", flag);
  const Json* rollout = mapping.find("rollout");
  if (rollout || mapping.find("treatment")) {
    flag.treatment = read_variant_name(mapping, "treatment", flag);
    if (!flag.treatment.empty() && flag.treatment == flag.safe) {
      mapping.refuse("treatment", "expected another variant than the safe one");
    } else if (const Variant* safe = flag.find(flag.safe), *treatment = flag.find(flag.treatment);
               safe != nullptr && treatment != nullptr && safe->value == treatment->value) {
      mapping.refuse("treatment", "its value is the safe variant's: a revert would change nothing");
    }
  }
  if (rollout) {
    flag.rollout = read_rollout(Mapping(*rollout, mapping.at("rollout"), problems));
  }
  if (problems.size() != problems_before) return std::nullopt;
  return flag;
}

}  // namespace readback::flags
