#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

// Reads one outcome of a replay, a JSON object, key by key. The first thing that is wrong is kept,
// and what is read after it is of no meaning.

namespace readback::guard {

class OutcomeLine {
 public:
  explicit OutcomeLine(const nlohmann::json& object);

  bool has(const std::string& key);
  bool flag(const std::string& key);
  // From `least` to 10^12.
  std::uint64_t count(const std::string& key, std::uint64_t least);
  std::uint64_t count_or(const std::string& key, std::uint64_t least, std::uint64_t otherwise);
  double positive(const std::string& key);
  std::string text(const std::string& key);
  std::string word(const std::string& key, std::initializer_list<const char*> words);
  const nlohmann::json& list(const std::string& key);

  void refuse(std::string why);
  // What is wrong, as one clause, or that some key was never asked for.
  std::optional<std::string> fault();

 private:
  const nlohmann::json* find(const std::string& key);

  const nlohmann::json& object_;
  std::set<std::string> asked_;
  std::optional<std::string> fault_;
};

}  // namespace readback::guard
