#include "configs/demo/token.h"

#include <array>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace demo {
namespace {

std::string hex(std::span<const unsigned char> bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace

std::string read_secret(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error(file + ": cannot be read");
  std::string secret{std::istreambuf_iterator<char>(stream), {}};
  while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
  if (secret.empty()) throw std::runtime_error(file + ": holds no secret");
  return secret;
}

std::string practitioner_token(std::string_view secret, std::string_view practitioner) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  const auto* text = reinterpret_cast<const unsigned char*>(practitioner.data());
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), text, practitioner.size(),
           mac.data(), &size) == nullptr)
    throw std::runtime_error("HMAC failed");
  return hex(std::span(mac).first(size));
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 failed");
  return hex(std::span(digest).first(size));
}

}  // namespace demo
