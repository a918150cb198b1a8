#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "guard/settling.h"
#include "guard/subject.h"
#include "guard/tasks.h"
#include "probes/cleanup.h"
#include "probes/journey.h"
#include "probes/readback.h"

// Follows acknowledged writes until each of their reads is settled, across restarts, and then
// removes what the walk made. A read that finds a mismatch before its deadline, or no answer at
// all, is pending and is read again with back-off; after the deadline a mismatch is a fail once the
// confirming re-reads found it, too.

namespace readback::guard {

// A walk whose writes were acknowledged.
struct Walked {
  probes::Record record;
  std::vector<probes::ReadBack> reads;
  flags::Moment began;     // the start of its first write: evidence is as old as this
  TimePoint acknowledged;  // the last write
  // Of its block: how many members it has, and which of them is treatment.
  unsigned members = 0;
  unsigned treatment = 0;
  flags::Moment block_began;
  // Every step of the walk was acknowledged. Else an ok proves nothing: it is told as info.
  bool is_whole = true;
};

class ReadFollower {
 public:
  // Reads and clean-up of one flag that may wait at once.
  static constexpr std::size_t kMaxPending = 50'000;

  // `tasks` run what outlives follow(). `when_failed` is called after each fail of treatment that
  // was told. All outlive this.
  ReadFollower(boost::asio::any_io_executor executor, Tasks& tasks, const Subject& subject,
               const Surroundings& around, std::function<void()> when_failed);

  // Makes the reads durable, then follows them. Returns the worst outcome of those whose delay is
  // within lease_within, once they are settled; the others go on in `tasks`.
  boost::asio::awaitable<probes::Outcome> follow(Walked walked);

  // Removes what a walk made that is not read back.
  boost::asio::awaitable<void> discard(probes::Record record);

  // What an earlier process left: reads that are due, clean-up that is left.
  void resume(const std::vector<PendingRead>& left);

  // Tells the decider and counts; `latency` from the acknowledgement, where the read was ok.
  void settle(const probes::Observation& observation, flags::Moment write_began,
              std::optional<Duration> latency);

  std::size_t pending() const { return pending_; }
  // False: no block is to be started, and evidence ages, since too much is waiting or the store
  // would take no more.
  bool has_room() const { return !is_refused_ && rows_.size() < kMaxPending; }
  // Reads and clean-up that are not done, as the store has them.
  std::vector<PendingRead> left() const;

 private:
  struct Followed {
    std::string id;
    std::string group;
    probes::ReadBack read_back;
    flags::Moment write_began;
    TimePoint due;
    bool is_whole = true;
  };
  struct Group {
    std::size_t outstanding = 0;
    std::vector<probes::Removal> removals;
  };

  void resume_blocks(const std::vector<PendingRead>& left);
  // Reads until the round's deadline, and goes on in `tasks` if that was not enough.
  boost::asio::awaitable<void> read_soon(Followed followed, probes::Outcome& worst);
  boost::asio::awaitable<void> read_later(Followed followed, Settling settling);
  boost::asio::awaitable<probes::Outcome> read_once(const Followed& followed, Settling& settling);
  // Told as info: it is settled, and proves nothing.
  void tell_never_read(const Followed& followed, Settling& settling);
  boost::asio::awaitable<void> finish(std::string id, std::string group);
  boost::asio::awaitable<void> remove(std::string group, std::vector<probes::Removal> removals);
  boost::asio::awaitable<bool> remove_one(probes::Removal removal);
  boost::asio::awaitable<void> write_pending(std::vector<PendingRead> rows);
  boost::asio::awaitable<void> erase_pending(std::vector<std::string> ids);
  std::vector<probes::FieldReading> judge(const Followed& followed, const probes::Reply& reply);
  void remember(const std::vector<probes::ReadBack>& reads);
  std::string new_group();

  boost::asio::any_io_executor executor_;
  Tasks& tasks_;
  const Subject& subject_;
  Surroundings around_;
  std::function<void()> when_failed_;
  std::map<std::string, Group> groups_;
  std::deque<probes::Elsewhere> recent_;     // what was written by other walks of late
  std::map<std::string, PendingRead> rows_;  // by id, as the store has them
  std::size_t pending_ = 0;
  bool is_refused_ = false;  // by the store, and nothing was erased since
};

}  // namespace readback::guard
