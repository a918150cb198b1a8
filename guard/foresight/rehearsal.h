#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "guard/foresight/loss.h"
#include "guard/foresight/setting.h"
#include "guard/rollout.h"

// One rollout, played ahead: the guard's own decisions (guard/rollout.h) under virtual time, on
// blocks that begin, repeat and settle when the prober's would (guard/prober.h). Nothing is sent.
//
// A block in which nothing is lost is only counted, and told with all others like it just before
// something happens on which an ok may bear; one in which something is lost is told read by read.
// So a healthy day costs next to nothing, and the decisions are those that every read by itself
// would have led to, at the same times within a second.
//
// A value: a copy goes on from where the original is, with chances of its own if it is given some.

namespace readback::guard::foresight {

class Rehearsal {
 public:
  // The flag is started at time zero, and nothing is lost. `setting` outlives this.
  Rehearsal(const Setting& setting, Random random);

  // From now on with these chances, each write of either arm lost with a chance of `noise` by the
  // platform.
  void go_on_with(Random random, double noise = 0);
  // Of treatment's writes that begin at `when`, which is not past, or later.
  void lose(const Loss& loss, TimePoint when);

  // Until `end`, or until the flag is reverted.
  void run_until(TimePoint end);
  // Until the last step is served, or `at_most`.
  void run_until_last_step(TimePoint at_most);

  TimePoint now() const { return now_; }
  bool is_reverted() const { return state_.phase == Phase::latched; }
  bool is_at_last_step() const { return state_.step + 1 == setting_->terms.rollout.steps.size(); }
  // Of what was decided last.
  bool is_served() const { return share_ > 0; }
  // How long from now until no client holds treatment, if the guard were dead: the stamp of what is
  // served, and what is in use of it.
  Duration held_without_guard() const;
  const State& state() const { return state_; }

  // Each time that another share of practitioners was served treatment, and which; from 0 to 1.
  struct Served {
    TimePoint from;
    double share = 0;
  };
  const std::vector<Served>& served() const { return served_; }
  std::uint64_t blocks() const { return blocks_; }      // that were begun
  std::uint64_t requests() const { return requests_; }  // to the application, of those
  std::uint64_t skipped() const { return skipped_; }    // since too few practitioners were free

 private:
  struct Turn {  // of one journey through the payload classes
    TimePoint next;
    std::size_t count = 0;
  };
  using Probed = std::pair<std::size_t, std::size_t>;  // journey, payload class
  struct Ok {
    TimePoint began;
    std::size_t payload_class;
  };
  struct Oks {  // blocks of one journey whose reads, all of them ok, are not all told
    std::deque<Ok> blocks;
    std::vector<std::size_t> told;  // of them, by delay
  };
  struct Reads {
    std::optional<BlockOpened> opened;  // with the first
    ObservedTogether together;
  };
  struct Repeat {
    Probed of;
  };
  using Due = std::variant<Reads, Repeat>;

  flags::Moment moment(TimePoint time) const;
  void take(Happening happening);
  void note_served(const flags::Exposure& exposure);
  void tell_oks();
  void add_oks(std::size_t journey, std::size_t delay, FoundOk& found);
  void look();
  void perform(Due due);
  void begin_turns();
  void begin_turn(std::size_t journey);
  // When its reads for the lease are settled; none if there is nobody to play it.
  std::optional<TimePoint> begin_block(Probed of, bool is_repeat);
  TimePoint lose_in_block(Probed of, bool is_repeat, bool is_lost,
                          const std::vector<bool>& platform_lost);
  bool has_free_practitioners();
  bool shows(const std::string& field) const;
  bool shows_in(std::size_t journey) const;
  void note_suspicions();
  std::vector<Probed> probed(const std::vector<probes::Cell>& cells) const;
  Duration jittered();

  const Setting* setting_;
  TimePoint now_{};  // before state_, which begins with it
  State state_;
  TimePoint look_{};
  Random random_;
  Loss loss_;
  TimePoint loss_begins_ = TimePoint::max();
  Chances lost_;
  Chances noise_;
  double noise_rate_ = 0;
  std::vector<Turn> turns_;
  std::vector<Oks> oks_;
  std::multimap<TimePoint, Due> due_;
  std::vector<TimePoint> busy_until_;  // of each block that is walked through
  std::set<Probed> repeating_;
  std::vector<Probed> suspects_;
  std::vector<Probed> watched_;
  std::size_t watched_turn_ = 0;
  double share_ = 0;
  flags::Exposure exposure_;
  std::vector<Served> served_;
  std::uint64_t blocks_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t skipped_ = 0;
};

}  // namespace readback::guard::foresight
