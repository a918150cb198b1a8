#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "flags/snapshot.h"
#include "guard/evidence/block.h"
#include "guard/evidence/harm.h"
#include "guard/evidence/ok_blocks.h"
#include "guard/evidence/progress.h"
#include "guard/latch_file.h"
#include "guard/store.h"
#include "guard/terms.h"
#include "guard/verdict.h"

// The pure core: what one flag's rollout does at each event. step() is total, every event is legal
// in every state, and time is a part of the event.
//
// At each event all of these are evaluated, in this order, and each may only narrow what the ones
// before it left: latch, operator's revert, harm, lease, health, operator's pause, advance.
//
// Effects go in one order, which the types show. *Narrow*: Decision::serve may be served at once.
// *Write*: Decision::write must be durable before anything else of it happens. *Answer*:
// Write::answer goes to whoever asked. *Widen*: only Write::widening, handed back as the event
// Written, makes the state wider; whatever narrowed it meanwhile wins.

namespace readback::guard {

enum class Phase {
  waiting,   // configured, nobody exposed; probed all the same
  rolling,   // exposed as evidence allows, step by step
  finished,  // 100 %, without evidence; probes only alarm
  latched,   // reverted; stays so until a named person re-arms it
  proving,   // re-armed: synthetic practitioners alone get treatment, and the latch is still set
};
std::string_view to_string(Phase phase);

struct Command {
  enum class Kind { start, pause, resume, finish, revert, rearm };
  Kind kind = Kind::revert;
  std::string by;
  std::string reason;
  bool same_build = false;   // rearm: allow the build that was reverted
  std::uint64_t ticket = 0;  // comes back in the answer
};
std::string_view to_string(Command::Kind kind);

struct Acknowledgement {
  std::uint64_t ticket = 0;
  bool is_accepted = false;
  bool is_durable = true;  // false: refused only because the disk did
  std::string words;       // for a person: what was done, or why not
};

// What becomes true once a write is durable, if nothing has narrowed the state since.
struct Widening {
  enum class Kind { none, start, resume, finish, prove, rearm, advance };
  Kind kind = Kind::none;
  std::uint64_t era = 0;     // of the state that asked: a latch since then wins
  std::uint64_t pauses = 0;  // the same: a pause since then wins over a resume
  // Of the flag so far, its own included: a newer one tells of the state before the widening.
  std::uint64_t entries = 0;
};

struct Write {
  std::optional<Latch> latch;  // written before the entries
  std::vector<Entry> entries;
  std::optional<Acknowledgement> answer;
  Widening widening;
};

// Events.
// A block that an earlier process opened, with the reads that it left to be made: so that what they
// find is judged with what the others found.
struct BlockResumed {
  BlockOpened opened;
  std::vector<Unread> unread;
};
struct Observed {
  probes::Observation observation;
  flags::Moment write_began;
};
// Reads of one block that were settled at one instant; to the same effect as each by itself.
struct ObservedTogether {
  std::vector<Observed> all;
};
// Everything else that was settled by now, all of it ok.
struct FoundOk {
  std::vector<OkBlocks> groups;
};
struct Ticked {};
struct Commanded {
  Command command;
};
struct Configured {
  Terms terms;
};
struct Written {
  Write write;
};
struct WriteFailed {
  Write write;
  std::string what;
  bool is_latch_durable = true;   // false: the latch could not be written
  bool is_ledger_durable = true;  // false: the entries could not; the store is ill
};
struct StoreFailed {  // in something else than this flag's writes
  std::string what;
};
struct ClockJumped {};  // the wall clock moved against boot time
using Happening =
    std::variant<BlockOpened, BlockResumed, Observed, ObservedTogether, FoundOk, Ticked, Commanded,
                 Configured, Written, WriteFailed, StoreFailed, ClockJumped>;
struct Event {
  flags::Moment now;
  Happening happening;
};

struct Pause {
  std::string by;
  WallTime at{};
  std::string reason;
};

struct State {
  explicit State(Harm known) : harm(std::move(known)) {}

  Terms terms;
  Phase phase = Phase::waiting;
  unsigned step = 0;
  flags::Moment step_began;
  std::optional<Pause> pause;  // by an operator
  Latch latch;
  Harm harm;
  Progress progress;
  bool is_store_well = true;
  flags::Moment store_tried;     // while it is ill: the last entry that was to prove it well
  bool is_latch_durable = true;  // false: a revert is served, but its slot could not be written
  bool is_latch_under_way = false;
  bool is_advancing = false;  // the write of an advance, or of a proof's end, is under way
  std::uint64_t era = 0;      // grows with each latch
  std::uint64_t pauses = 0;   // grows with each operator's pause
  std::uint64_t entries = 0;  // that were asked for, durable or not
  // Losses of writes that began before this are not held against the flag: they were its reason to
  // be latched, and a re-arm begins anew.
  flags::Moment harm_since;
  flags::Moment evidence_told;       // when evidence was last written
  std::vector<Entry> evidence_owed;  // that could not be written
  std::string rearmed_by;            // while proving
  // Wall time until which some client may hold treatment: the latest stamp that was served so far,
  // by an earlier process included. 0: nobody ever could.
  std::chrono::milliseconds held_until{};
};

// What is served, and why not more: the verdict and each reason that narrowed it, worst first.
struct Judgement {
  Verdict verdict = Verdict::hold;
  flags::Exposure exposure;
  std::vector<std::string> reasons;
};

struct Decision {
  flags::Exposure serve;  // from now on, at once
  Verdict verdict = Verdict::hold;
  std::optional<Write> write;
  std::optional<Acknowledgement> answer;  // of a command that needs no write
  // Set when this event reverted the flag.
  struct Reverted {
    // From the start of the first write that was seen to fail; unset for an operator's revert.
    std::optional<std::chrono::nanoseconds> after_first_failure;
  };
  std::optional<Reverted> reverted;
};

// Evidence is written at most so often, unless something failed: a crash loses no more oks.
inline constexpr std::chrono::milliseconds kEvidenceEvery{1'000};

// What the ledger says of one flag, folded entry by entry.
class History {
 public:
  // `entry` is the next of this flag's; `now`: of the fold, which tells wall times in boot time.
  void take(const Entry& entry, flags::Moment now);

  const nlohmann::json& last() const { return last_; }       // the state of the rollout; null: none
  const std::optional<Harm>& harm() const { return harm_; }  // unset: no evidence yet
  // When the newest re-arm was; what was written before it is not held against the flag.
  const std::optional<flags::Moment>& rearmed() const { return rearmed_; }
  // Entries that could not be read; none unless the ledger is another release's.
  unsigned unread() const { return unread_; }

 private:
  nlohmann::json last_;
  std::optional<Harm> harm_;
  std::optional<flags::Moment> rearmed_;
  unsigned unread_ = 0;
};

// The state at start-up: the latch first, then what the ledger says. What was lost is still known;
// what a lease and a step need begins anew: nothing is caught up.
State restore(Terms terms, const Latch& latch, const History& history, flags::Moment now);

// Moves `state` by one event.
Decision step(State& state, const Event& event);

// What `state` amounts to at `now`; step() serves this.
Judgement judge(const State& state, flags::Moment now);

// Whether synthetic practitioners of the treatment arm get treatment: not while latched.
bool probes_treatment(const State& state);

// Whether a step, or the proof of a re-arm, has all the evidence that it needs; and what is
// missing.
bool has_step_evidence(const State& state, flags::Moment now);
std::string missing_evidence(const State& state, flags::Moment now);

// The part of the state that a ledger entry carries. An entry of evidence carries a part of Harm's
// journal instead, as {"evidence": part}.
nlohmann::json durable(const State& state);

}  // namespace readback::guard
