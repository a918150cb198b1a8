#include "guard/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <boost/algorithm/hex.hpp>
#include <cassert>

namespace readback::guard {

Digest hmac_sha256(std::string_view key, std::string_view message) {
  Digest digest{};
  unsigned size = 0;
  const unsigned char* const done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                         reinterpret_cast<const unsigned char*>(message.data()),
                                         message.size(), digest.data(), &size);
  assert(done != nullptr && size == digest.size());  // Fails only without memory.
  return digest;
}

std::string to_hex(const Digest& digest) {
  std::string hex;
  boost::algorithm::hex_lower(digest.begin(), digest.end(), std::back_inserter(hex));
  return hex;
}

std::optional<Digest> from_hex(std::string_view text) {
  Digest digest{};
  if (text.size() != 2 * digest.size()) return std::nullopt;
  if (text.find_first_not_of("0123456789abcdef") != text.npos) return std::nullopt;
  boost::algorithm::unhex(text.begin(), text.end(), digest.begin());
  return digest;
}

std::string netstring(std::string_view bytes) {
  return std::to_string(bytes.size()) + ":" + std::string(bytes) + ",";
}

}  // namespace readback::guard
