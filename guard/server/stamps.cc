#include "guard/server/stamps.h"

#include "guard/lease_token.h"

namespace readback::guard::server {

using nlohmann::json;

std::optional<WallTime> Stamps::proven_until(const std::string& flag) const {
  const std::optional<WallTime> until = ask_(flag).proven_until;
  if (!until) return std::nullopt;
  return flags::round_stamp(*until);
}

json Stamps::metadata(const flags::Evaluation& evaluation, const std::string& practitioner) const {
  json metadata = json::object();
  if (!evaluation.lease_until) return metadata;
  const std::string& flag = evaluation.flag->key;
  metadata["leaseUntilMs"] = evaluation.lease_until->count();
  if (!key_.empty())
    metadata["leaseToken"] = sign_lease(key_, {flag, practitioner, evaluation.variant->name,
                                               ask_(flag).generation, *evaluation.lease_until});
  if (const auto until = proven_until(flag)) metadata["provenUntilMs"] = until->count();
  return metadata;
}

}  // namespace readback::guard::server
