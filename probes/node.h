#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probes/result.h"

// A value in a document and where it is. Its getters never throw: what is absent or of another type
// becomes a problem, and a value that the caller can go on with.

namespace readback::probes {

bool is_word(std::string_view text);  // as Node::word

class Node {
 public:
  // `value` may be null: absent. `problems` outlives the node.
  Node(const nlohmann::json* value, nlohmann::json::json_pointer where,
       std::vector<Problem>& problems)
      : value_(value), where_(std::move(where)), problems_(&problems) {}

  bool is_there() const { return value_ != nullptr; }
  const nlohmann::json& value() const { return *value_; }
  std::string where() const { return where_.to_string(); }

  // The member of that name; absent if there is none, or this is no object.
  Node at(std::string_view key) const;
  std::vector<std::pair<std::string, Node>> members() const;  // of an object, else a problem
  std::vector<Node> items() const;                            // of an array, else a problem

  // Each of these: a problem if absent without a fallback, of another type, or out of range.
  std::string text() const;
  std::string text(std::string_view fallback) const;
  // A name that may stand in a placeholder and as a metric's label: 1 to 64 letters, digits, '_',
  // '-', '.'.
  std::string word() const;
  bool truth(bool fallback) const;
  std::uint64_t number(std::uint64_t fallback, std::uint64_t least, std::uint64_t most) const;
  double share(double fallback, double most) const;
  std::chrono::milliseconds duration(std::optional<std::chrono::milliseconds> fallback) const;
  std::vector<std::string> texts() const;  // a list of strings; none if absent

  void problem(std::string what) const { problem_at(where(), std::move(what)); }
  // Of another place in the same document.
  void problem_at(std::string where, std::string what) const {
    problems_->emplace_back(std::move(where), std::move(what));
  }

 private:
  const nlohmann::json* value_;
  nlohmann::json::json_pointer where_;
  std::vector<Problem>* problems_;
};

}  // namespace readback::probes
