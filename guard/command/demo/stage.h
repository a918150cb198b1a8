#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "guard/command/daemon_client.h"
#include "guard/command/demo/child.h"
#include "guard/result.h"

// Where the demo is played: a directory of its own, secrets of its own, and the programs on
// loopback. A side is a guard and the notes service that asks it.

namespace readback::guard::demo {

struct StageOptions {
  std::string directory;  // made; holds everything of one run
  std::string programs;   // where notes_service and load are
  std::string guard;      // this binary
  unsigned practitioners = 20'000;
  double saves_per_second = 200;
};

// One guard, its notes service, and what is asked of both.
class Side {
 public:
  // `plan` is the text of the guard's plan. `practitioners`: real ones of its service.
  static Result<Side> open(const StageOptions& options, const std::string& name,
                           std::string_view plan, unsigned practitioners);

  Result<nlohmann::json> status();  // of the flag, as guard/status.h has it
  Result<nlohmann::json> command(const std::string& command, const std::string& reason);
  Result<nlohmann::json> counters();  // of the notes service
  Result<void> switch_fault(const std::string& fault);

  const std::string& directory() const { return directory_; }
  const std::string& secret() const { return secret_; }
  std::uint16_t service_port() const { return service_port_; }
  // Why one of the two has ended by itself; empty while both run.
  std::string what_ended();

 private:
  Result<void> start(const StageOptions& options, std::string_view plan, unsigned practitioners);
  Result<void> wait_until_ready();
  Result<nlohmann::json> ask_guard(const Question& question);
  Result<nlohmann::json> ask_service(const std::string& method, const std::string& path,
                                     const nlohmann::json& body);

  std::string directory_;
  std::string secret_;  // path of the file from which the practitioners' tokens are made
  std::string admin_token_;
  std::uint16_t service_port_ = 0;
  std::uint16_t guard_port_ = 0;
  std::optional<Child> service_;
  std::optional<Child> guard_;
};

// The real practitioners of `side`, at work until ended.
class Load {
 public:
  static Result<Load> start(const StageOptions& options, const Side& side);
  // Ends them and counts what was really stored. The guard never sees it.
  Result<nlohmann::json> end();

 private:
  Load(Child child, std::string log) : child_(std::move(child)), log_(std::move(log)) {}
  Child child_;
  std::string log_;
};

}  // namespace readback::guard::demo
