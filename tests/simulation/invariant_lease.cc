#include <algorithm>
#include <map>

#include "tests/simulation/invariants.h"

namespace readback::simulation {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kClockError = 1s;   // s of guard/bounds.h
constexpr Duration kDelivery = 250ms;  // V: what a server waits for an answer
constexpr Duration kLongestSoon = 2s;  // the plan's longest delay within lease_within
constexpr Duration kLookBack = 120s;   // longer than any evidence lasts

// Whether readers were shown all of it, on every path, as late as the lease asks.
bool is_verified(const Note& note) {
  for (std::size_t field = 0; field < Note::kFields.size(); ++field) {
    const auto& record = note.shown[Note::record][field].whole;
    if (!record || *record < note.sent.at + kLongestSoon) return false;
    if (!note.shown[Note::list][field].whole) return false;
  }
  return true;
}

class TreatmentEnds final : public Onlooker {
 public:
  explicit TreatmentEnds(const House& house) : house_(house) {}

  void served(const Served& served) override {
    if (!served.is_treatment || served.is_synthetic) return;
    if (served.now.wall >= served.stamp) breaks("treatment was served past its own stamp");
    const guard::State* const state = house_.state();
    if (state == nullptr || state->phase == guard::Phase::finished) {
      is_finished_ = true;
      return;
    }
    const std::optional<Sent> evidence = newest_evidence();
    if (!evidence) return breaks("treatment was served without evidence");
    const auto age = state->terms.rollout.max_evidence_age;
    longest_age_ = std::max(longest_age_, age);
    if (served.now.boot >= evidence->shown.boot + age)
      breaks("treatment was served on evidence that was too old");
    if (served.stamp > evidence->shown.wall + age + small_jumps())
      breaks("treatment was stamped beyond its evidence");
    newest_ = std::max(newest_, evidence->at);
  }

  void used(const Client& client) override {
    if (client.kind().is_unbounded || is_finished_) return;
    const Duration slack = kClockError + kDelivery + house_.clock().worst_error() +
                           house_.clock().lag() + small_jumps();
    if (house_.now() > newest_ + longest_age_ + slack)
      breaks("treatment was used by a client (" + std::string(client.kind().name) +
             ") after its evidence and stamp had ended");
  }

 private:
  // Jumps of less than a second are a clock's error, which the bounds state.
  WallTime small_jumps() const { return house_.clock().is_ever_set() ? kClockError : WallTime(); }

  // Of each journey's newest verified write of treatment, the oldest.
  std::optional<Sent> newest_evidence() const {
    std::map<bool, Sent> newest;
    const auto& notes = house_.application().notes();
    for (auto note = notes.rbegin(); note != notes.rend(); ++note) {
      if (note->sent.at + kLookBack < house_.now()) break;
      if (!note->is_new_path || !is_verified(*note)) continue;
      const auto [found, is_new] = newest.try_emplace(note->has_shared_document, note->sent);
      if (!is_new && note->sent.at > found->second.at) found->second = note->sent;
    }
    if (newest.size() < 2) return std::nullopt;
    return newest[false].at < newest[true].at ? newest[false] : newest[true];
  }

  const House& house_;
  bool is_finished_ = false;
  TimePoint newest_{};
  std::chrono::milliseconds longest_age_{};
};

}  // namespace

Invariant treatment_ends_with_its_evidence(const House& house) {
  return std::make_unique<TreatmentEnds>(house);
}

}  // namespace readback::simulation
