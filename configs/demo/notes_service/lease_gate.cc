#include "configs/demo/notes_service/lease_gate.h"

#include <charconv>
#include <optional>

#include <openssl/crypto.h>

#include "configs/demo/token.h"

namespace demo::notes {
namespace {

std::string netstring(std::string_view text) {
  return std::to_string(text.size()) + ':' + std::string(text) + ',';
}

// Digits only: a sign or a blank would be signed as it is, and read as something else.
std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stopped != text.data() + text.size() || number < 0)
    return std::nullopt;
  return number;
}

// What stands before the next point; `rest` begins after it.
std::string_view part_of(std::string_view& rest) {
  const std::size_t point = rest.find('.');
  const std::string_view part = rest.substr(0, point);
  rest = point == rest.npos ? std::string_view() : rest.substr(point + 1);
  return part;
}

}  // namespace

bool LeaseGate::holds(std::string_view flag, std::string_view practitioner,
                      const std::string& token, std::int64_t now_ms) const {
  std::string_view mac = token;
  const std::string_view version = part_of(mac);
  const std::string_view generation = part_of(mac);
  const std::string_view until = part_of(mac);
  const auto until_ms = number_in(until);
  if (version != "1" || !number_in(generation) || !until_ms) return false;
  std::string message;
  for (const std::string_view field : {std::string_view("readback lease"), version, flag,
                                       practitioner, std::string_view("new"), generation, until})
    message += netstring(field);
  bool is_ours = false;
  for (const std::string& key : keys_) {
    const std::string wanted = practitioner_token(key, message);
    is_ours |=
        wanted.size() == mac.size() && CRYPTO_memcmp(wanted.data(), mac.data(), mac.size()) == 0;
  }
  return is_ours && now_ms < *until_ms;
}

}  // namespace demo::notes
