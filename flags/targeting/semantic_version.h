#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Versions by semver.org 2.0.0, read as leniently as flagd's `sem_ver` does.

namespace readback::flags::targeting {

struct SemanticVersion {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::vector<std::string> prerelease;  // "rc.1" is two; none comes after all of them
};

// "1.2.3-rc.1+build", a v or two before it, "1" and "1.2" filled with zeros. What was built (behind
// the +) says nothing of the order and is left out. Nothing for all else: 4 parts, leading zeros, a
// part over 2^53, more than 256 bytes.
std::optional<SemanticVersion> parse_version(std::string_view text);

// Precedence, by section 11.
std::strong_ordering precedence(const SemanticVersion& one, const SemanticVersion& other);

}  // namespace readback::flags::targeting
