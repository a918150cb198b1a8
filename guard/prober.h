#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "guard/read_follower.h"
#include "guard/subject.h"
#include "guard/tasks.h"
#include "probes/journey.h"

// Probes one flag, all the time: starts a block of each journey at its interval, plays the members,
// repeats at once what became suspect, and follows every acknowledged write to its last read.
//
// Which synthetic practitioner is treatment, and in which order the members start, is drawn anew
// for each block: else a broken record would blame the flag.

namespace readback::guard {

class Prober {
 public:
  // Everything that `around` refers to outlives this.
  Prober(boost::asio::any_io_executor executor, Subject subject, const Surroundings& around);

  // Runs until cancelled. `left`: what an earlier process left to be read or removed.
  boost::asio::awaitable<void> run(std::vector<PendingRead> left);

  const Subject& subject() const { return subject_; }
  // What is to be handed to the run() of the prober that follows this one.
  std::vector<PendingRead> left() const { return follower_->left(); }
  std::size_t pending() const { return follower_ ? follower_->pending() : 0; }

 private:
  using Repeat = std::pair<std::string, std::string>;  // journey, payload class
  struct Place {  // of a block: what its members need to know of it
    unsigned members = 0;
    unsigned treatment = 0;
    flags::Moment began;
  };
  // What was seen of one walk.
  struct Played {
    std::optional<flags::Moment> began;  // its first write
    TimePoint acknowledged;              // its last acknowledged step
    std::optional<VoidReason> why_void;  // none: the arm is what it should be
  };

  boost::asio::awaitable<void> schedule(const probes::Journey& journey);
  boost::asio::awaitable<void> start_block(const probes::Journey& journey,
                                           std::string payload_class, bool is_repeat);
  boost::asio::awaitable<void> repeat(Repeat cell);
  boost::asio::awaitable<void> play_member(probes::Casting casting, Place place);
  boost::asio::awaitable<Played> walk_through(probes::Walk& walk);
  std::optional<VoidReason> why_void(const probes::Casting& casting, TimePoint from,
                                     TimePoint to) const;
  void start_repeats();
  bool is_suspect(const Repeat& cell) const;
  // Each scheduled block has one of a watched cell beside it, if there is any: half of the probes.
  std::optional<Repeat> next_watched();
  bool may_probe() const;
  std::optional<std::vector<probes::Casting>> draw_cast(const probes::Journey& journey,
                                                        const std::string& payload_class);
  // Tells info, or void, of each read of the journey that `reads` leaves out.
  void tell_unread(const probes::Casting& casting, const std::vector<probes::ReadBack>& reads,
                   flags::Moment began, bool is_void);
  const std::string& next_payload_class(const probes::Journey& journey);
  Duration jittered(Duration interval);

  boost::asio::any_io_executor executor_;
  Subject subject_;
  Surroundings around_;
  Tasks tasks_;
  std::optional<ReadFollower> follower_;
  std::set<std::string> busy_;  // practitioners whose walk isn't over
  std::set<Repeat> repeating_;
  std::size_t watched_turn_ = 0;
  std::map<std::string, std::size_t> turns_;  // of each journey through the payload classes
};

}  // namespace readback::guard
