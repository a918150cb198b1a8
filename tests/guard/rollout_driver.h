#pragma once

#include <map>
#include <string>
#include <vector>

#include "guard/rollout.h"

// Plays a rollout by hand: blocks with stated outcomes, commands, and time that goes by. Writes are
// durable at once unless a test holds them back.

namespace readback::guard::testing {

using namespace std::chrono_literals;

inline Terms two_step_terms() {
  Terms terms;
  terms.flag = "notes-editor-v2";
  terms.build = "build-1";
  terms.rollout.steps = {{flags::Share{13'000}, 10s, 3}, {flags::kEverybody, 10s, 3}};
  terms.rollout.max_evidence_age = 60s;
  terms.payload_classes = {"any"};
  terms.evidence.max_loss_rate = 0.7;  // Three probes.
  terms.evidence.max_class_loss_rate = 1;
  terms.streams = {{"visit", "interview", {{"record", 0ms}, {"list", 2'000ms}}, true}};
  return terms;
}

// Of a ledger that says of the rollout what `last` does, and nothing of evidence.
inline History history_of(const nlohmann::json& last) {
  Entry entry;
  entry.state = last;
  History history;
  history.take(entry, {});
  return history;
}

class Driver {
 public:
  explicit Driver(Terms terms = two_step_terms(), const Latch& latch = {},
                  const History& before = {})
      : state(restore(std::move(terms), latch, before, {kBoot, kWall})), history(before) {}

  flags::Moment now() const { return {boot_, wall_}; }
  void pass(std::chrono::milliseconds time) {
    boot_ += time;
    wall_ += time;
  }

  void pass_until(flags::Moment then) {
    pass(std::chrono::duration_cast<std::chrono::milliseconds>(then.boot - boot_));
  }

  Decision happen(Happening happening) {
    // No two events at one instant: what began before another is then never in doubt.
    pass(1ms);
    Decision decision = step(state, {now(), std::move(happening)});
    last = decision;
    if (decision.answer) answers.push_back(*decision.answer);
    if (!decision.write) return decision;
    for (const Entry& entry : decision.write->entries) {
      kinds.push_back(entry.kind);
      if (entry.state.contains("phase")) last_entry = entry;
      history.take(entry, now());
      ledger.push_back(entry);
    }
    if (holds_writes) {
      held.push_back(*decision.write);
    } else {
      if (decision.write->answer) answers.push_back(*decision.write->answer);
      happen(Written{*decision.write});
    }
    return decision;
  }

  void release() {
    std::vector<Write> writes = std::move(held);
    held.clear();
    for (Write& write : writes) happen(Written{std::move(write)});
  }

  Decision command(Command::Kind kind, bool same_build = false) {
    return happen(Commanded{{kind, "ada", "because", same_build, 7}});
  }

  std::uint64_t open(bool is_repeat = false, std::string payload_class = "any") {
    BlockOpened opened{++block_, "visit", payload_class, 4, 1, is_repeat, now()};
    payload_class_ = std::move(payload_class);
    began_[block_] = now();
    happen(opened);
    return block_;
  }

  // Settles one read of one member. Member 1 is treatment.
  void settle(std::uint64_t block, unsigned member, const char* path, probes::Outcome outcome,
              bool is_void = false) {
    probes::Observation observation;
    observation.block = block;
    observation.member = member;
    observation.arm = member == 1 ? probes::Arm::treatment : probes::Arm::control;
    observation.cell = {"visit", "interview", payload_class_};
    observation.read = {path, std::string(path) == "list" ? 2'000ms : 0ms};
    observation.outcome = outcome;
    observation.loss_class = outcome == probes::Outcome::fail ? probes::LossClass::field_missing
                                                              : probes::LossClass::equal;
    observation.is_void = is_void;
    happen(Observed{observation, began_.at(block)});
  }

  // A whole block at once: what treatment and each of the controls found at every read.
  void block(probes::Outcome treatment, probes::Outcome controls, bool is_repeat = false,
             std::string payload_class = "any") {
    const std::uint64_t number = open(is_repeat, std::move(payload_class));
    for (const char* path : {"record", "list"})
      for (unsigned member = 0; member < 4; ++member)
        settle(number, member, path, member == 1 ? treatment : controls);
  }

  void healthy(int blocks, std::chrono::milliseconds apart = 1s,
               const std::string& payload_class = "any") {
    for (int i = 0; i < blocks; ++i) {
      pass(apart);
      block(probes::Outcome::ok, probes::Outcome::ok, false, payload_class);
    }
  }

  bool serves_treatment() const {
    const flags::Exposure exposure = judge(state, now()).exposure;
    return exposure.mode == flags::Exposure::Mode::finished ||
           (exposure.mode == flags::Exposure::Mode::leased && exposure.lease.holds(now()));
  }
  Verdict verdict() const { return judge(state, now()).verdict; }

  State state;
  Decision last;
  std::vector<Acknowledgement> answers;
  std::vector<std::string> kinds;  // of ledger entries
  Entry last_entry;                // but of evidence
  History history;                 // what a restart would begin with
  std::vector<Entry> ledger;
  std::vector<Write> held;
  bool holds_writes = false;

 private:
  static constexpr std::chrono::nanoseconds kBoot = 1'000s;
  static constexpr std::chrono::milliseconds kWall = 1'800'000'000s;

  std::chrono::nanoseconds boot_ = kBoot;
  std::chrono::milliseconds wall_ = kWall;
  std::uint64_t block_ = 0;
  std::map<std::uint64_t, flags::Moment> began_;
  std::string payload_class_ = "any";
};

}  // namespace readback::guard::testing
