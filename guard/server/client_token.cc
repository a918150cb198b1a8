#include "guard/server/client_token.h"

#include <openssl/crypto.h>

#include <array>
#include <utility>

#include "guard/digest.h"

namespace readback::guard::server {
namespace {

constexpr std::size_t kHalf = 32;  // digits of the name, and of its proof
constexpr std::size_t kToken = 2 * kHalf;
constexpr std::size_t kDigest = 64;
constexpr std::string_view kDigits = "0123456789abcdef";

bool is_hex(std::string_view text) {
  return text.find_first_not_of(kDigits) == text.npos;
}

}  // namespace

std::string ClientTokens::proof(std::string_view name) const {
  const std::string message = "client token " + std::string(name);
  return to_hex(hmac_sha256(key_, message)).substr(0, kHalf);
}

std::string ClientTokens::issue(Entropy& entropy) const {
  std::string name;
  for (const std::uint64_t drawn : {entropy.draw(), entropy.draw()})
    for (unsigned shift = 0; shift < 64; shift += 4) name += kDigits[(drawn >> shift) & 15U];
  return name + proof(name);
}

bool ClientTokens::is_ours(std::string_view token) const {
  if (token.size() != kToken || !is_hex(token)) return false;
  const std::string wanted = proof(token.substr(0, kHalf));
  return CRYPTO_memcmp(wanted.data(), token.data() + kHalf, kHalf) == 0;
}

std::optional<ClientTokens::Shown> ClientTokens::read(std::string_view header) const {
  constexpr std::size_t kTag = 1 + kToken + 1 + kDigest + 1;
  for (auto quote = header.find('"'); quote != header.npos; quote = header.find('"', quote + 1)) {
    const std::string_view tag = header.substr(quote, kTag);
    if (tag.size() < kTag) break;
    const std::string_view token = tag.substr(1, kToken);
    if (tag.back() != '"' || tag[1 + kToken] != '-' || !is_hex(tag.substr(2 + kToken, kDigest)))
      continue;
    if (is_ours(token)) return Shown{std::string(token), std::string(tag)};
  }
  return std::nullopt;
}

}  // namespace readback::guard::server
