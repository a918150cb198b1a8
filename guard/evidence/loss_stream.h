#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "guard/evidence/loss_terms.h"

// One stream of evidence: its restart mixture and its window counts side by side, and the journal
// of what happened to it since somebody took it last, for the ledger.
//
// Values; pure; safe from any thread.

namespace readback::guard {

// What a stream went through, in order: first `ok_batches` ok batches of `ok_probes` probes
// together, then, unless `size` is 0, a batch of `size` probes of which `failed` failed. Or a step.
struct StreamEvent {
  std::uint64_t ok_batches = 0;
  std::uint64_t ok_probes = 0;
  unsigned size = 0;
  unsigned failed = 0;
  bool is_step = false;
  friend bool operator==(const StreamEvent&, const StreamEvent&) = default;
};

// Why a stream asks for a revert.
struct Crossing {
  StreamGroup group = StreamGroup::cell;
  std::string stream;
  std::optional<Window> window;  // that was completed; none if the mixture crossed alone
  double log_e = 0;              // of the mixture, then
  double log_limit = 0;          // what it would have to reach
  std::uint64_t probes = 0;      // of the stream, then
  std::uint64_t failures = 0;
  // "3 losses within 549 probes", or "4 losses in 20,000 probes, 1.2e+09 to 1".
  std::string words() const;
};
nlohmann::json to_json(const Crossing& crossing);

class LossStream {
 public:
  LossStream(const LossTerms& terms, StreamGroup group, std::size_t index, std::string name);

  // `count` ok batches of `size` probes each.
  void oks(const LossTerms& terms, unsigned size, std::uint64_t count = 1);
  // A batch of `size` probes that may fail together, of which `failed` >= 1 did.
  void fail(const LossTerms& terms, unsigned size, unsigned failed);
  void step(const LossTerms& terms);

  StreamGroup group() const { return group_; }
  std::size_t index() const { return index_; }  // in its group, from 0, in order of appearance
  const std::string& name() const { return name_; }
  const WindowCounts& counts() const { return counts_; }
  double log_e(const LossTerms& terms) const { return mixture_.log_e(terms.mixture()); }
  double log_limit() const { return mixture_.log_limit(); }
  const std::optional<Crossing>& crossing() const { return crossing_; }  // the first

  // The events since the last call. Applied to a stream that is as this one was then, they make it
  // bit-equal, wherever the journal was cut.
  std::vector<StreamEvent> take_journal();
  void forget_journal() { journal_.clear(); }
  void apply(const LossTerms& terms, const StreamEvent& event);

  nlohmann::json snapshot() const;
  static std::optional<LossStream> restore(const LossTerms& terms, const nlohmann::json& snapshot);

 private:
  void note_oks(unsigned size, std::uint64_t count);
  void ok_batches(const LossTerms& terms, std::uint64_t batches, std::uint64_t probes);

  StreamGroup group_;
  std::size_t index_;
  std::string name_;
  RestartMixture mixture_;
  WindowCounts counts_;
  std::optional<Crossing> crossing_;
  std::vector<StreamEvent> journal_;
  bool is_last_one_by_one_ = false;  // of the journal
};

nlohmann::json to_json(const StreamEvent& event);
std::optional<StreamEvent> stream_event_of(const nlohmann::json& json);

}  // namespace readback::guard
