#include "guard/lease_token.h"

#include "guard/digest.h"

namespace readback::guard {

std::string sign_lease(const std::string& key, const LeaseClaim& claim) {
  const std::string generation = std::to_string(claim.generation);
  const std::string until = std::to_string(claim.until.count());
  std::string message;
  for (const std::string& field : {std::string("readback lease"), std::string("1"), claim.flag,
                                   claim.practitioner, claim.variant, generation, until})
    message += netstring(field);
  return "1." + generation + "." + until + "." + to_hex(hmac_sha256(key, message));
}

}  // namespace readback::guard
