#include "probes/token.h"

#include <optional>

#include "probes/digest.h"

namespace readback::probes {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::string_view kMark = "rb";
constexpr std::uint64_t kCheck = 1021;  // The largest prime that two digits of base 32 hold.
constexpr int kValueDigits = 11, kCheckDigits = 2;

std::uint64_t first_bits(std::string_view purpose, std::uint64_t seed, std::string_view field,
                         int bits) {
  std::string key(purpose);
  key.push_back('\0');
  key.append(std::to_string(seed)).push_back('\0');
  key.append(field);
  const auto digest = sha256(key);
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < 8; ++i) head = head << 8 | digest[i];
  return head >> (64 - bits);
}

std::string digits(std::uint64_t value, int count) {
  std::string text;
  for (int i = count - 1; i >= 0; --i) text.push_back(kAlphabet[value >> (5 * i) & 31]);
  return text;
}

std::optional<std::uint64_t> parse_digits(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    const auto digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value << 5 | digit;
  }
  return value;
}

bool is_token(std::string_view text) {
  if (!text.starts_with(kMark)) return false;
  const auto value = parse_digits(text.substr(kMark.size(), kValueDigits));
  const auto check = parse_digits(text.substr(kMark.size() + kValueDigits));
  return value && check && *value % kCheck == *check;
}

}  // namespace

std::string token(std::uint64_t seed, std::string_view field) {
  const std::uint64_t value = first_bits("readback.token", seed, field, 5 * kValueDigits);
  return std::string(kMark) + digits(value, kValueDigits) + digits(value % kCheck, kCheckDigits);
}

std::string tail(std::uint64_t seed, std::string_view field) {
  return digits(first_bits("readback.tail", seed, field, 40), static_cast<int>(kTailLength));
}

std::vector<std::string> find_tokens(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  std::vector<std::string> found;
  std::size_t at = lower.find(kMark);
  while (at != std::string::npos && at + kTokenLength <= lower.size()) {
    const std::string candidate = lower.substr(at, kTokenLength);
    const bool is_one = is_token(candidate);
    if (is_one) found.push_back(candidate);
    at = lower.find(kMark, is_one ? at + kTokenLength : at + 1);
  }
  return found;
}

}  // namespace readback::probes
