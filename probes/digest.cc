#include "probes/digest.h"

#include <openssl/sha.h>

#include <boost/algorithm/hex.hpp>
#include <iterator>

namespace readback::probes {

std::array<unsigned char, 32> sha256(std::string_view bytes) {
  std::array<unsigned char, 32> digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return digest;
}

std::string sha256_hex(std::string_view bytes) {
  const auto digest = sha256(bytes);
  std::string text;
  boost::algorithm::hex_lower(digest.begin(), digest.end(), std::back_inserter(text));
  return text;
}

}  // namespace readback::probes
