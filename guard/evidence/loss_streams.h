#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "guard/evidence/loss_stream.h"
#include "probes/observation.h"

// Is anything lost? All streams of one rollout's treatment: every outcome goes to its cell and to
// the pools that the cell is in, and the first stream that crosses asks for a revert. A harmless
// flag is ever reverted with a chance of at most terms.bound(), whatever the streams have to do
// with one another. A re-arm begins a new LossStreams, and with it a new budget.
//
// Only confirmed outcomes come here: ok and fail. Info and pending have a process of their own.
//
// Every call has to be with the terms that it was begun with. Values; pure; safe from any thread.

namespace readback::guard {

// One read-back that is settled.
struct SettledRead {
  probes::Cell cell;
  probes::ReadPoint read;
  bool has_failed = false;
};

class LossStreams {
 public:
  // Reads that may fail together: of one write, or of one round of writes. They enter a pool with
  // the average of their factors, and its window as at most one failure. Their order is of no
  // account.
  void add(const LossTerms& terms, const std::vector<SettledRead>& batch);
  // Where a batch goes: into these streams, with so many of its reads. Good for this LossStreams
  // and its copies.
  struct Place {
    std::size_t stream = 0;
    unsigned size = 0;
  };
  using Places = std::vector<Place>;
  Places places(const LossTerms& terms, const std::vector<SettledRead>& batch);
  // The same batch, all of it ok, `count` times: costs what one does.
  void add_oks(const LossTerms& terms, const Places& places, std::uint64_t count);
  void add_oks(const LossTerms& terms, const std::vector<SettledRead>& batch, std::uint64_t count) {
    add_oks(terms, places(terms, batch), count);
  }
  // A step of the rollout, or a deploy.
  void step(const LossTerms& terms);

  // Of the streams that crossed, the one that appeared first. Never empty again.
  std::optional<Crossing> crossing() const;
  const std::vector<LossStream>& streams() const { return streams_; }  // in order of appearance
  const LossStream* find(StreamGroup group, const std::string& name) const;

  // The ledger's part of a tick: what happened since the last call, as
  //   [{"stream": 0, "group": "cell", "name": "...", "events": [[oks, probes], ...]}, ...]
  // where an event is "step", [ok batches, their probes] or, when a batch failed after these,
  // [ok batches, their probes, size, failed]; group and name only the first time. Null if nothing
  // happened. A fold of all of them makes a LossStreams that is bit-equal to this one.
  nlohmann::json take_journal();
  // Takes one of these; false, and nothing of it is taken, if it does not fit.
  bool fold(const LossTerms& terms, const nlohmann::json& journal);
  // Nobody takes it.
  void forget_journal();

  // Exact, but for the journal, which has to be taken before. Empty if `snapshot` is none of these
  // terms.
  nlohmann::json snapshot() const;
  static std::optional<LossStreams> restore(const LossTerms& terms, const nlohmann::json& snapshot);

 private:
  using Name = std::pair<StreamGroup, std::string>;
  struct Part {
    unsigned size = 0;
    unsigned failed = 0;
  };
  using Parts = std::map<std::size_t, Part>;  // by stream

  Parts parts_of(const LossTerms& terms, const std::vector<SettledRead>& batch);
  std::size_t stream(const LossTerms& terms, StreamGroup group, const std::string& name);

  std::vector<LossStream> streams_;
  std::map<Name, std::size_t> places_;
  std::size_t counts_[kStreamGroups] = {};  // of streams, by group
  std::size_t journalled_ = 0;              // streams whose names a journal has told
};

// "visit/interview/astral by record after 5 s": what a cell's stream is called.
std::string cell_name(const probes::Cell& cell, const probes::ReadPoint& read);

}  // namespace readback::guard
