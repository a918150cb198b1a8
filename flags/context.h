#pragma once

#include <map>
#include <string>

// The evaluation context of OpenFeature: who asks, and what is known of him.

namespace readback::flags {

struct Context {
  // The practitioner. Empty: none was sent, or an empty one.
  std::string targeting_key;
  // Attributes that are text, numbers and truth values, as text ("true", "3", "1.5"); nested ones
  // and null are left out. Targeting by rollout looks at nothing else.
  std::map<std::string, std::string> attributes;
};

}  // namespace readback::flags
