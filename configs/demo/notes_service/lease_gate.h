#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The write gate: whether a save by the new editor is covered by the lease token that came with the
// flag. A page opens a visit, is told which editor to show, and may save hours later; by then the
// flag may be reverted and nobody may be there to say so. A token that is past or another's is no
// reason to refuse: the old editor takes the same text.

namespace demo::notes {

class LeaseGate {
 public:
  // The keys that may have signed a token; none: there is no gate, and each save asks the flag.
  explicit LeaseGate(std::vector<std::string> keys) : keys_(std::move(keys)) {}

  bool is_there() const { return !keys_.empty(); }

  // Whether `token`, 1.GENERATION.UNTIL.MAC, was signed for this practitioner's treatment by this
  // flag and holds at `now_ms`. MAC is the HMAC-SHA256 of the netstrings "readback lease", "1",
  // flag, practitioner, "new", GENERATION, UNTIL.
  bool holds(std::string_view flag, std::string_view practitioner, const std::string& token,
             std::int64_t now_ms) const;

 private:
  std::vector<std::string> keys_;
};

}  // namespace demo::notes
