#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "flags/lease.h"
#include "probes/observation.h"

// What is known so far of one block: one treatment and m controls, started together on records of
// their own. The members' reads come in any order; what they say together is asked here.

namespace readback::guard {

struct BlockOpened {
  std::uint64_t block = 0;
  std::string journey;
  std::string payload_class;
  unsigned members = 0;    // treatment included
  unsigned treatment = 0;  // which of them
  bool is_repeat = false;
  flags::Moment began;
};

// A member's read that an earlier process left to be made.
struct Unread {
  unsigned member = 0;
  std::string field;
  probes::ReadPoint read;
  friend auto operator<=>(const Unread&, const Unread&) = default;
};

// What was made of a block so far, each once (guard/evidence/gather.h).
struct BlockUse {
  using Group = std::pair<probes::Arm, std::chrono::milliseconds>;  // reads of one arm at one delay
  std::set<Group> closed;
  std::set<unsigned> failed;  // members; what they lose later is the same loss
  bool has_bet_on_loss = false;
  bool has_bet_on_not_ok = false;
  std::set<std::string> passed;  // fields
};

class Block {
 public:
  // What the members of one arm found at one read of one field.
  enum class Together {
    waiting,    // somebody's read is not settled
    all_ok,     // everybody's is ok
    some_info,  // settled, none failed, somebody's is not known
    some_fail,  // somebody's failed, whatever the others'
  };

  explicit Block(BlockOpened opened) : opened_(std::move(opened)) {}

  const BlockOpened& opened() const { return opened_; }

  // Takes each member's read once; a second outcome of the same read is dropped. A void one is
  // kept as info.
  void record(const probes::Observation& observation, flags::Moment write_began);

  // The same of an earlier process's, of which the start of the write is not known here.
  void recall(unsigned member, const std::string& field, const probes::ReadPoint& read,
              probes::Outcome outcome);

  Together treatment(const std::string& field, const probes::ReadPoint& read) const;
  Together controls(const std::string& field, const probes::ReadPoint& read) const;

  // One member's; none if it isn't settled.
  std::optional<probes::Outcome> outcome(unsigned member, const std::string& field,
                                         const probes::ReadPoint& read) const;
  // His arm was not what it should be, so nothing that he found counts.
  bool is_void(unsigned member) const { return void_members_.contains(member); }

  // Whether every member's read is settled, whatever it found.
  bool is_settled(const std::string& field, const probes::ReadPoint& read) const;

  // True the first time that it is asked for `field`: a write is counted once.
  bool count_once(const std::string& field) { return counted_.insert(field).second; }

  BlockUse use;

  // The start of treatment's write of `field`; none before one of its reads is settled.
  std::optional<flags::Moment> treatment_write(const std::string& field) const;

 private:
  using Point = std::pair<std::string, probes::ReadPoint>;       // field, read
  using Outcomes = std::vector<std::optional<probes::Outcome>>;  // by member

  Together together(const Outcomes* outcomes, bool of_treatment) const;
  const Outcomes* find(const std::string& field, const probes::ReadPoint& read) const;

  BlockOpened opened_;
  std::map<Point, Outcomes> outcomes_;
  std::map<std::string, flags::Moment> treatment_writes_;
  std::set<std::string> counted_;
  std::set<unsigned> void_members_;
};

}  // namespace readback::guard
