#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "configs/demo/sqlite.h"

// Who may log in, and what a flag may ask about him.

namespace demo::notes {

struct Practitioner {
  std::string id{};
  std::string speciality{};
  std::string region{};
  std::string practice{};
  bool is_synthetic = false;
};

struct Population {
  std::uint64_t seed = 1;  // of the real practitioners' attributes
  int practitioners = 0;
  int synthetic = 0;
};

// Makes the practitioners and their patients who are not there yet, in one transaction. Those who
// are there stay as they are.
void populate(Database& database, const Population& population);

// Every practitioner by his bearer token. Read once: nobody is added while the service runs.
class Practitioners {
 public:
  Practitioners(const Database& database, std::string_view secret);
  // Null for a token that is nobody's.
  const Practitioner* by_token(const std::string& token) const;
  std::size_t size() const { return all_.size(); }

 private:
  std::vector<Practitioner> all_;
  std::unordered_map<std::string, std::size_t> by_token_;
};

}  // namespace demo::notes
