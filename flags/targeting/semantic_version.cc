#include "flags/targeting/semantic_version.h"

#include <algorithm>
#include <charconv>

namespace readback::flags::targeting {
namespace {

constexpr std::size_t kLongest = 256;
constexpr std::uint64_t kLargest = 9'007'199'254'740'991;  // 2^53 - 1
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLetters =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-";

bool is_only(std::string_view text, std::string_view letters) {
  return !text.empty() && text.find_first_not_of(letters) == text.npos;
}

bool is_padded(std::string_view digits) {
  return digits.size() > 1 && digits.front() == '0';
}

std::optional<std::uint64_t> part(std::string_view text) {
  std::uint64_t number = 0;
  if (!is_only(text, kDigits) || is_padded(text)) return std::nullopt;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number > kLargest) return std::nullopt;
  return number;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t dot; (dot = text.find('.')) != text.npos; text.remove_prefix(dot + 1))
    parts.emplace_back(text.substr(0, dot));
  parts.emplace_back(text);
  return parts;
}

// What stands behind the first `mark`, which is cut off; nothing if there is none.
std::optional<std::string_view> cut(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == text.npos) return std::nullopt;
  const std::string_view behind = text.substr(at + 1);
  text = text.substr(0, at);
  return behind;
}

std::strong_ordering order(const std::string& one, const std::string& other) {
  const bool is_number = is_only(one, kDigits);
  if (is_number != is_only(other, kDigits))
    return is_number ? std::strong_ordering::less : std::strong_ordering::greater;
  // Numbers without leading zeros: the longer is the larger.
  if (is_number && one.size() != other.size()) return one.size() <=> other.size();
  return one.compare(other) <=> 0;
}

}  // namespace

std::optional<SemanticVersion> parse_version(std::string_view text) {
  if (text.size() > kLongest) return std::nullopt;
  if (text.starts_with('v') || text.starts_with('V')) text.remove_prefix(1);
  const auto is_right = [](bool may_be_number) {
    return [may_be_number](const std::string& each) {
      return is_only(each, kLetters) &&
             (may_be_number || !is_only(each, kDigits) || !is_padded(each));
    };
  };
  if (const auto built = cut(text, '+')) {
    const auto parts = split(*built);
    if (!std::all_of(parts.begin(), parts.end(), is_right(true))) return std::nullopt;
    // Only a whole version may have one.
    if (std::count(text.begin(), text.end(), '.') < 2) return std::nullopt;
  }
  SemanticVersion version;
  const auto prerelease = cut(text, '-');
  if (prerelease.has_value()) {
    version.prerelease = split(*prerelease);
    if (!std::all_of(version.prerelease.begin(), version.prerelease.end(), is_right(false)))
      return std::nullopt;
  }
  std::vector<std::string> parts = split(text);
  if (parts.size() > 3 || (parts.size() < 3 && prerelease.has_value())) return std::nullopt;
  if (parts.size() == 3 && parts.front().starts_with('v')) parts.front().erase(0, 1);
  parts.resize(3, "0");
  const auto major = part(parts[0]);
  const auto minor = part(parts[1]);
  const auto patch = part(parts[2]);
  if (!major.has_value() || !minor.has_value() || !patch.has_value()) return std::nullopt;
  version.major = *major;
  version.minor = *minor;
  version.patch = *patch;
  return version;
}

std::strong_ordering precedence(const SemanticVersion& one, const SemanticVersion& other) {
  if (const auto by = one.major <=> other.major; by != 0) return by;
  if (const auto by = one.minor <=> other.minor; by != 0) return by;
  if (const auto by = one.patch <=> other.patch; by != 0) return by;
  if (one.prerelease.empty() != other.prerelease.empty())
    return one.prerelease.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
  const std::size_t shared = std::min(one.prerelease.size(), other.prerelease.size());
  for (std::size_t i = 0; i < shared; ++i)
    if (const auto by = order(one.prerelease[i], other.prerelease[i]); by != 0) return by;
  return one.prerelease.size() <=> other.prerelease.size();
}

}  // namespace readback::flags::targeting
