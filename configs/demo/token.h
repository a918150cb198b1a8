#pragma once

#include <string>
#include <string_view>

// The bearer tokens of the practice-notes service, and the digest by which texts are compared.

namespace demo {

// What the file holds, without the line end that editors leave. Throws std::runtime_error, which
// names the file, if it cannot be read or holds nothing.
std::string read_secret(const std::string& file);

// The token of a practitioner: HMAC-SHA256 of his id under the service's secret, 64 hex digits.
std::string practitioner_token(std::string_view secret, std::string_view practitioner);

// SHA-256 of the bytes, 64 hex digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace demo
