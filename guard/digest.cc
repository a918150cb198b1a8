#include "guard/digest.h"

#include <openssl/evp.h>

#include <boost/algorithm/hex.hpp>
#include <cassert>

namespace readback::guard {

Digest sha256(std::string_view bytes) {
  Digest digest{};
  unsigned size = 0;
  const int done =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  assert(done == 1 && size == digest.size());  // Fails only without memory.
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
