#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "probes/call.h"
#include "probes/observation.h"
#include "probes/plan.h"
#include "probes/readback.h"
#include "probes/transport.h"

// One member of a block walks a journey's acts and writes. A pure value: whoever carries its
// exchanges knows the time, the walk only what was said.
//
//   Walk walk(plan, casting);
//   while (auto exchange = walk.next()) walk.answered(carry(*exchange));
//   for (ReadBack& read : walk.read_backs()) ...

namespace readback::probes {

// Who plays what. `seed` is of this member alone: each of its texts is made from it.
struct Casting {
  std::uint64_t block = 0;
  unsigned member = 0;
  Arm arm = Arm::control;
  std::string journey;
  std::string practitioner;
  std::string patient;
  std::string payload_class;
  std::uint64_t seed = 0;
};

class Walk {
 public:
  enum class State {
    running,
    acknowledged,  // every step was
    // A step was answered with a definite no: what the plan calls refused, or a 4xx that is not of
    // says_nothing(). What was acknowledged before it is read back.
    refused,
    unknown,  // silence, 5xx, a redirect, no access, an unmet condition: info
  };

  struct Taken {
    std::string step;
    bool is_write = false;
    std::optional<int> status;  // unset: silence, or never sent
    State state = State::running;
    std::string explanation;  // why it was not acknowledged; holds no text, token or secret
  };

  // `plan` outlives the walk and has the casting's journey and practitioner.
  Walk(const Plan& plan, Casting casting);

  // The exchange to carry now; nothing once state() is not running. Two calls in a row return the
  // same. When it cannot be made (no secret, a value that does not fit) the walk ends as unknown.
  std::optional<Exchange> next();
  void answered(const Reply& reply);

  State state() const { return state_; }
  const Casting& casting() const { return casting_; }
  // Of the exchange that next() returns: whether it writes fields.
  bool is_write() const;
  const std::string& step() const;

  // Whether every acknowledged write named the path of the casting's arm, as far as the plan says
  // where; false also if it says where and the reply did not name one.
  bool took_its_path() const { return took_its_path_; }

  // Whether some write was acknowledged. It is read back then, however the walk ended: what was
  // acknowledged never becomes unknown by what came after.
  bool has_written() const { return !written_.empty(); }

  // One for each read step and delay whose fields were acknowledged and whose captures are known.
  std::vector<ReadBack> read_backs() const;

  // What the walk made, for cleanup.h: also of a walk that failed half-way.
  const Record& record() const { return record_; }
  const std::vector<Taken>& steps() const { return taken_; }

 private:
  std::optional<nlohmann::json> value(std::string_view name) const;
  State take(const Step& step, const Response& response, std::string& explanation);
  void keep(const Step& step);   // Its texts were acknowledged.
  void doubt(const Step& step);  // They may have been stored.
  std::uint64_t write_seed() const;

  const Plan* plan_;
  const Journey* journey_;
  Casting casting_;
  Record record_;
  State state_ = State::running;
  bool took_its_path_ = true;
  std::size_t position_ = 0;  // of the step that is walked
  std::uint64_t writes_ = 0;  // write steps begun before this one
  std::map<std::string, WrittenField> written_;
  std::vector<Taken> taken_;
};

std::string_view to_string(Walk::State state);

}  // namespace readback::probes
