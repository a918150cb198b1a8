#pragma once

#include <iosfwd>
#include <nlohmann/json.hpp>
#include <string_view>

// What the daemon says of itself while it runs, a line an event: words for a person, or, with
// `guard run --json`, an object {"at_ms", "event", "words", ...}. Decisions are not told here; they
// are in the ledger.

namespace readback::guard {

class RunLog {
 public:
  RunLog(std::ostream& out, bool as_json) : out_(out), as_json_(as_json) {}

  // `event` is one word that scripts may rely on; `more`: an object whose members are added.
  void say(std::string_view event, std::string_view words,
           const nlohmann::json& more = nlohmann::json::object());

 private:
  std::ostream& out_;
  bool as_json_;
};

}  // namespace readback::guard
