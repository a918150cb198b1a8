#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "flags/result.h"
#include "flags/targeting/rule.h"

// A flag set in flagd's format (flagd.dev/reference/flag-definitions), evaluated as flagd does:
// for people who have such definitions, and for their own tests of their targeting. Who is in a
// rollout is not decided here (flags/evaluate.h).
//
// Immutable once parsed; safe from any thread.

namespace readback::flags::flagd {

enum class Reason { static_value, standard, targeting_match, disabled, error };
std::string_view to_string(Reason reason);  // STATIC, DEFAULT, ...

enum class ErrorCode { none, flag_not_found, parse_error, type_mismatch, general };
std::string_view to_string(ErrorCode code);  // FLAG_NOT_FOUND, ...; "" for none

// What the application takes the value for. An object may also be a list.
enum class Type { boolean, text, number, object };

// Borrowed from the set.
struct Answer {
  std::string_view key;                   // borrowed from the caller if there is no such flag
  const nlohmann::json* value = nullptr;  // null: the application's own default
  std::string_view variant;               // empty without a value
  Reason reason = Reason::error;
  ErrorCode error = ErrorCode::none;         // other than none iff the reason is ERROR
  const nlohmann::json* metadata = nullptr;  // never null; the set's if there is no such flag
};

class FlagSet {
 public:
  // Reads {"flags": ..., "$evaluators"?, "metadata"?}; `flags` by key, or a list of flags that each
  // have a `key`. Adds what is wrong to `problems` and returns nothing if one of it is the set's
  // own: no flags, two of one key, a flag without variants, a state that is neither ENABLED nor
  // DISABLED, a defaultVariant that is none of them. A targeting that can't be compiled is a
  // problem of its flag, which answers PARSE_ERROR from then on.
  static std::optional<FlagSet> parse(const nlohmann::json& json, std::vector<Problem>& problems);

  FlagSet(FlagSet&&) = default;
  FlagSet& operator=(FlagSet&&) = default;

  //  1. no such flag: FLAG_NOT_FOUND; one that is disabled: no value, DISABLED
  //  2. targeting that could not be read: PARSE_ERROR; that can't be calculated: GENERAL
  //  3. no targeting, or an empty one: the default variant, STATIC
  //  4. targeting that gives null: the default variant, DEFAULT
  //  5. else the variant that it names, TARGETING_MATCH; GENERAL if there is none of that name
  //
  // Without a default variant, 3 and 4 are no value, DEFAULT. A value of another type than `wanted`
  // is TYPE_MISMATCH.
  //
  // `context` is an object, `at` the wall time since 1970-01-01 UTC ($flagd.timestamp).
  Answer evaluate(std::string_view key, const nlohmann::json& context, std::chrono::seconds at,
                  std::optional<Type> wanted = std::nullopt) const;

  // All flags by their keys, also those without a value.
  std::vector<Answer> evaluate_all(const nlohmann::json& context, std::chrono::seconds at) const;

  std::size_t size() const { return flags_.size(); }

 private:
  struct Defined {
    std::string key;
    bool is_enabled = true;
    std::string default_variant;  // empty: none
    nlohmann::json variants;      // name to value
    std::optional<targeting::Rule> targeting;
    bool is_broken = false;  // its targeting could not be compiled
    nlohmann::json metadata;
  };

  FlagSet() = default;
  static std::optional<Defined> parse_flag(const std::string& key, const nlohmann::json& json,
                                           const nlohmann::json& set, const std::string& where,
                                           std::vector<Problem>& problems);
  static Answer evaluate(const Defined& flag, const targeting::Asked& asked);
  static void take_variant(const Defined& flag, std::string_view name, Reason reason,
                           Answer& answer);

  std::vector<Defined> flags_;                                // by key
  std::unordered_map<std::string_view, std::size_t> places_;  // in flags_, whose keys it borrows
  nlohmann::json metadata_;
};

}  // namespace readback::flags::flagd
