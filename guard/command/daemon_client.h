#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "guard/result.h"

namespace readback::guard {

// Asks a running guard over its Unix socket (guard/server/admin.h), and waits for the answer.
class DaemonClient {
 public:
  struct Answer {
    int status = 0;
    nlohmann::json body;
  };

  explicit DaemonClient(std::string socket,
                        std::chrono::milliseconds patience = std::chrono::seconds(2))
      : socket_(std::move(socket)), patience_(patience) {}

  // Fails if nobody listens, or no whole answer comes in time, or it is no JSON.
  Result<Answer> get(const std::string& path) const;
  Result<Answer> post(const std::string& path, const nlohmann::json& body) const;

 private:
  std::string socket_;
  std::chrono::milliseconds patience_;
};

}  // namespace readback::guard
