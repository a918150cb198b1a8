#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "flags/evaluate.h"
#include "guard/clock.h"

// What stands in the metadata of a treatment answer: `leaseUntilMs`, and, where the guard has them,
// `leaseToken` (guard/lease_token.h) and `provenUntilMs` (guard/proven.h). A control answer has
// none of it, so that its ETag stays.

namespace readback::guard::server {

class Stamps {
 public:
  // Of a flag, now.
  struct Known {
    std::uint64_t generation = 0;
    std::optional<WallTime> proven_until;
  };
  explicit Stamps(std::function<Known(const std::string& flag)> ask) : ask_(std::move(ask)) {}

  // Signs tokens from now on; empty: there are none.
  void set_key(std::string key) { key_ = std::move(key); }

  nlohmann::json metadata(const flags::Evaluation& evaluation,
                          const std::string& practitioner) const;

  // Rounded down to the grain of leases, so that an answer changes no more often than its lease.
  std::optional<WallTime> proven_until(const std::string& flag) const;

 private:
  std::function<Known(const std::string& flag)> ask_;
  std::string key_;
};

}  // namespace readback::guard::server
