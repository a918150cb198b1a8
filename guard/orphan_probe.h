#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <string>

#include "guard/read_follower.h"
#include "guard/subject.h"
#include "guard/tasks.h"

// Whether the application's code default is the safe variant. A guard that is dead, cut off or hung
// is safe only if it is: so one synthetic practitioner, the plan's `orphan`, is never told anything
// but an error, and what he writes must take the way of control. If it does not, whoever cannot
// reach the guard gets the treatment, and nobody can take it away from him.
//
// Proves nothing of notes: it is no arm of a block.

namespace readback::guard {

class OrphanProbe {
 public:
  // Everything that `around` refers to outlives this. Asserts that the plan has an orphan.
  OrphanProbe(boost::asio::any_io_executor executor, Subject subject, const Surroundings& around);

  // Ten rounds of the plan apart, until cancelled; the journeys in turn.
  boost::asio::awaitable<void> run();

 private:
  boost::asio::awaitable<void> probe();
  ProbeCounts::Orphan judge(const probes::Walk& walk, TimePoint from) const;

  Subject subject_;
  Surroundings around_;
  Tasks tasks_;
  ReadFollower follower_;
  std::size_t turn_ = 0;
};

}  // namespace readback::guard
