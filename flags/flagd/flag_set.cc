#include "flags/flagd/flag_set.h"

#include <algorithm>
#include <utility>

namespace readback::flags::flagd {
namespace {

using Json = nlohmann::json;

std::string at(const std::string& where, const std::string& key) {
  return (Json::json_pointer(where) / key).to_string();
}

// The member of an object; null if there is none, or it is no object at all.
const Json& member(const Json& object, const char* key) {
  static const Json kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

bool is_nothing(const Json& targeting) {
  return !(targeting.is_structured() || targeting.is_string()) || targeting.empty() ||
         targeting == "";
}

bool is_of(Type type, const Json& value) {
  switch (type) {
    case Type::boolean:
      return value.is_boolean();
    case Type::text:
      return value.is_string();
    case Type::number:
      return value.is_number();
    case Type::object:
      return value.is_structured();
  }
  return false;
}

// The flag's own members win.
Json merged(const Json& of_set, const Json& of_flag) {
  Json metadata = of_set.is_object() ? of_set : Json::object();
  if (of_flag.is_object()) metadata.update(of_flag);
  return metadata;
}

}  // namespace

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::static_value:
      return "STATIC";
    case Reason::standard:
      return "DEFAULT";
    case Reason::targeting_match:
      return "TARGETING_MATCH";
    case Reason::disabled:
      return "DISABLED";
    case Reason::error:
      return "ERROR";
  }
  return "ERROR";
}

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::none:
      return "";
    case ErrorCode::flag_not_found:
      return "FLAG_NOT_FOUND";
    case ErrorCode::parse_error:
      return "PARSE_ERROR";
    case ErrorCode::type_mismatch:
      return "TYPE_MISMATCH";
    case ErrorCode::general:
      return "GENERAL";
  }
  return "GENERAL";
}

std::optional<FlagSet::Defined> FlagSet::parse_flag(const std::string& key, const Json& json,
                                                    const Json& set, const std::string& where,
                                                    std::vector<Problem>& problems) {
  const auto refuse = [&](const char* member_key, const char* what) {
    problems.push_back({*member_key == '\0' ? where : at(where, member_key), what});
    return std::nullopt;
  };
  if (!json.is_object()) return refuse("", "expected a flag, which is an object");
  Defined flag;
  flag.key = key;
  const Json& state = member(json, "state");
  if (state != "ENABLED" && state != "DISABLED")
    return refuse("state", "expected ENABLED or DISABLED");
  flag.is_enabled = state == "ENABLED";
  flag.variants = member(json, "variants");
  if (!flag.variants.is_object() || flag.variants.empty())
    return refuse("variants", "expected at least one variant, NAME: VALUE");
  const Json& standard = member(json, "defaultVariant");
  if (standard.is_string()) flag.default_variant = standard.get<std::string>();
  if (!standard.is_null() && !standard.is_string())
    return refuse("defaultVariant", "expected the name of a variant, or null");
  if (!flag.default_variant.empty() && !flag.variants.contains(flag.default_variant))
    return refuse("defaultVariant", "expected one of the variants");
  flag.metadata = merged(member(set, "metadata"), member(json, "metadata"));

  const Json& targeting = member(json, "targeting");
  if (is_nothing(targeting)) return flag;
  auto rule = targeting::Rule::compile(targeting, member(set, "$evaluators"));
  flag.is_broken = rule.has_error();
  if (flag.is_broken) {
    problems.push_back({at(where, "targeting") + rule.error().where, rule.error().what});
  } else {
    flag.targeting = std::move(*rule);
  }
  return flag;
}

std::optional<FlagSet> FlagSet::parse(const Json& json, std::vector<Problem>& problems) {
  const Json& flags = member(json, "flags");
  if (!flags.is_structured()) {
    problems.push_back({"/flags", "expected flags by their keys, or a list of them"});
    return std::nullopt;
  }
  FlagSet set;
  bool is_whole = true;
  for (const auto& [name, flag] : flags.items()) {
    const Json& own = member(flag, "key");
    const std::string key =
        flags.is_object() ? name : (own.is_string() ? own.get<std::string>() : "");
    const std::string where = at("/flags", name);
    auto defined = parse_flag(key, flag, json, where, problems);
    if (defined.has_value() && flags.is_array() && key.empty()) {
      problems.push_back({at(where, "key"), "expected the flag's key"});
      defined.reset();
    }
    is_whole = is_whole && defined.has_value();
    if (defined.has_value()) set.flags_.push_back(std::move(*defined));
  }
  if (!is_whole) return std::nullopt;
  std::stable_sort(set.flags_.begin(), set.flags_.end(),
                   [](const Defined& one, const Defined& other) { return one.key < other.key; });
  for (std::size_t i = 0; i < set.flags_.size(); ++i) {
    if (set.places_.emplace(set.flags_[i].key, i).second) continue;
    problems.push_back({"/flags", "two flags are called \"" + set.flags_[i].key + "\""});
    return std::nullopt;
  }
  set.metadata_ = merged(member(json, "metadata"), Json());
  return set;
}

void FlagSet::take_variant(const Defined& flag, std::string_view name, Reason reason,
                           Answer& answer) {
  const auto found = flag.variants.find(name);
  if (found == flag.variants.end()) {
    answer.error = ErrorCode::general;
    return;
  }
  answer.value = &*found;
  answer.variant = found.key();
  answer.reason = reason;
}

Answer FlagSet::evaluate(const Defined& flag, const targeting::Asked& asked) {
  Answer answer{flag.key, nullptr, {}, Reason::error, ErrorCode::none, &flag.metadata};
  if (!flag.is_enabled) {
    answer.reason = Reason::disabled;
    return answer;
  }
  if (flag.is_broken) {
    answer.error = ErrorCode::parse_error;
    return answer;
  }
  Reason reason = Reason::static_value;
  if (flag.targeting.has_value()) {
    const auto name = flag.targeting->evaluate_name(asked);
    if (name.has_error()) {
      answer.error = ErrorCode::general;
      return answer;
    }
    if (name->has_value()) {
      take_variant(flag, **name, Reason::targeting_match, answer);
      return answer;
    }
    reason = Reason::standard;
  }
  if (flag.default_variant.empty()) {
    answer.reason = Reason::standard;
  } else {
    take_variant(flag, flag.default_variant, reason, answer);
  }
  return answer;
}

Answer FlagSet::evaluate(std::string_view key, const Json& context, std::chrono::seconds at,
                         std::optional<Type> wanted) const {
  const auto found = places_.find(key);
  if (found == places_.end())
    return {key, nullptr, {}, Reason::error, ErrorCode::flag_not_found, &metadata_};
  Answer answer = evaluate(flags_[found->second], {key, context, at});
  if (answer.value != nullptr && wanted.has_value() && !is_of(*wanted, *answer.value)) {
    return {answer.key, nullptr, {}, Reason::error, ErrorCode::type_mismatch, answer.metadata};
  }
  return answer;
}

std::vector<Answer> FlagSet::evaluate_all(const Json& context, std::chrono::seconds at) const {
  std::vector<Answer> answers;
  answers.reserve(flags_.size());
  for (const Defined& flag : flags_) answers.push_back(evaluate(flag, {flag.key, context, at}));
  return answers;
}

}  // namespace readback::flags::flagd
