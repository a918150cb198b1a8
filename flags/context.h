#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "flags/result.h"

// The evaluation context of OpenFeature: who asks, and what is known of him.

namespace readback::flags {

struct Context {
  // The practitioner. Empty: none was sent, or an empty one.
  std::string targeting_key;
  // Attributes that are text, numbers and truth values, as text ("true", "3", "1.5"); nested ones
  // and null are left out. Targeting by rollout looks at nothing else.
  std::map<std::string, std::string> attributes;
};

// Reads the `context` of an OFREP request. A number without a fraction reads the same however the
// client's language writes it: 3 and 3.0 are "3". Null, here and as targetingKey, is as if it had
// not been sent: Python and JavaScript leave out what they do not have, others write null.
// Fails when the context is no object or the targetingKey no text.
Result<Context> read_context(const nlohmann::json& context);

}  // namespace readback::flags
