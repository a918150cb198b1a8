#pragma once

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "flags/result.h"

// Targeting rules: JsonLogic (jsonlogic.com) with flagd's four operators fractional, starts_with,
// ends_with and sem_ver, evaluated as flagd does (flagd.dev/reference/custom-operations). A rule is
// compiled once, which also finds operators that there are none of, and then evaluated for each who
// asks.
//
// Operators: if (?:), and, or, !, !!, == === != !== < <= > >= (of two or more), + - * / %, min,
// max, cat, substr, in, merge, map, filter, reduce, all, some, none, var, missing, missing_some.
// Values are JavaScript's (value.h). What can't be calculated - a text that is no number compared
// with one, a division by zero - makes the whole evaluation fail, as in flagd's own library for
// JavaScript; flagd itself takes such a comparison for false. flagd's operators give null instead
// of failing.
//
// Evaluation ends: rules are finite, and one that walks lists within lists stops with a failure
// after kSteps. Pure; a rule is safe from any thread.

namespace readback::flags::targeting {

inline constexpr unsigned kDepth = 64;          // of operators and lists in one another
inline constexpr std::size_t kParts = 100'000;  // operators and values of a rule, once expanded
inline constexpr std::size_t kSteps = 1'000'000;
inline constexpr std::size_t kTextBytes = std::size_t{1} << 20;  // made by one evaluation

// Who asks for what. All is borrowed.
struct Asked {
  std::string_view flag_key;      // $flagd.flagKey
  const nlohmann::json& context;  // targetingKey is one of its members
  std::chrono::seconds at{};      // $flagd.timestamp: since 1970-01-01 UTC
};

struct Expression;

class Rule {
 public:
  // `shared` are the flag set's $evaluators: {"$ref": NAME} stands for the one of that name, also
  // within another. Fails, with a JSON Pointer into `logic` as far as there is one, on an operator
  // that is unknown or stands beside another, a reference that leads nowhere or to itself, and over
  // the bounds above.
  static Result<Rule> compile(const nlohmann::json& logic,
                              const nlohmann::json& shared = nlohmann::json::object());

  // What the rule gives. Fails, with an empty `where`, if it can't be calculated.
  Result<nlohmann::json> evaluate(const Asked& asked) const;

  // The same as a text, which for flags is a variant's name: true is "true", 1 "1". Nothing if the
  // rule gives null.
  Result<std::optional<std::string>> evaluate_name(const Asked& asked) const;

  // Whether the rule gives what counts as true. A failure counts as false.
  bool holds(const Asked& asked) const;

 private:
  Rule(nlohmann::json logic, std::shared_ptr<const Expression> expression);

  // Held by pointer: the expression borrows from the one, and copies of a rule share both.
  std::shared_ptr<const nlohmann::json> logic_;
  std::shared_ptr<const Expression> expression_;
};

}  // namespace readback::flags::targeting
