#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include <nlohmann/json_fwd.hpp>

// What the load generator has done so far.

namespace demo::load {

struct Tally {
  std::int64_t visits = 0;  // begun
  std::int64_t visits_with_shared_document = 0;
  std::int64_t acknowledged_saves = 0;
  std::map<std::string, std::int64_t> saves_by_path{};
  std::set<std::string> practitioners_on_new_path{};
  std::int64_t late_visits = 0;     // begun when one in flight ended, not when they were due
  std::int64_t skipped_visits = 0;  // never begun: too many were waiting
  std::map<std::string, std::int64_t> errors{};  // by what came instead of an answer

  nlohmann::json to_json() const;
};

// Replaces the file whole, so that a reader never sees half of it.
void write_status(const std::string& file, const nlohmann::json& status);

}  // namespace demo::load
