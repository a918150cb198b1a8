#include "guard/read_follower.h"

#include <algorithm>
#include <utility>

#include "guard/settling.h"

namespace readback::guard {
namespace asio = boost::asio;
using probes::Outcome;
using probes::ReadBack;

namespace {

constexpr std::size_t kRecentTexts = 24;
constexpr int kRemovalTries = 3;
constexpr Duration kRemovalPause = std::chrono::seconds(2);

Outcome worse(Outcome one, Outcome other) {
  if (one == Outcome::fail || other == Outcome::fail) return Outcome::fail;
  if (one == Outcome::info || other == Outcome::info) return Outcome::info;
  return Outcome::ok;
}

probes::Observation observation_of(const ReadBack& read_back, const Settling::Settled& settled) {
  probes::Observation observation;
  observation.block = read_back.block;
  observation.member = read_back.member;
  observation.arm = read_back.arm;
  observation.cell = {read_back.record.journey, settled.field, read_back.payload_class};
  observation.read = read_back.read;
  observation.outcome = settled.outcome;
  observation.loss_class = settled.loss_class;
  return observation;
}

std::string removal_id(const std::string& group, std::size_t step) {
  return group + "/removal/" + std::to_string(step);
}

}  // namespace

ReadFollower::ReadFollower(asio::any_io_executor executor, Tasks& tasks, const Subject& subject,
                           const Surroundings& around, std::function<void()> when_failed)
    : executor_(std::move(executor)),
      tasks_(tasks),
      subject_(subject),
      around_(around),
      when_failed_(std::move(when_failed)) {}

asio::awaitable<Outcome> ReadFollower::follow(Walked walked) {
  const std::string group = new_group();
  const WallTime wall = around_.clock.wall();
  const TimePoint now = around_.clock.now();
  std::vector<PendingRead> rows;
  std::vector<Followed> followed;
  remember(walked.reads);
  for (ReadBack& read_back : walked.reads) {
    const TimePoint due = walked.acknowledged + subject_.plan.settle + read_back.read.delay;
    const WallTime due_wall = wall + std::chrono::ceil<WallTime>(due - now);
    const std::string id = group + "/read/" + std::to_string(followed.size());
    rows.push_back({id,
                    subject_.flag,
                    {{"kind", "read"},
                     {"group", group},
                     {"due_ms", due_wall.count()},
                     {"write_began_ms", walked.began.wall.count()},
                     {"is_whole", walked.is_whole},
                     {"members", walked.members},
                     {"treatment", walked.treatment},
                     {"block_began_ms", walked.block_began.wall.count()},
                     {"read_back", to_json(read_back)}}});
    followed.push_back({id, group, std::move(read_back), walked.began, due, walked.is_whole});
  }
  std::vector<probes::Removal> removals = probes::removals(subject_.plan, walked.record);
  for (const probes::Removal& removal : removals)
    rows.push_back({removal_id(group, removal.step),
                    subject_.flag,
                    {{"kind", "removal"}, {"group", group}, {"removal", to_json(removal)}}});
  groups_[group] = {followed.size(), std::move(removals)};
  pending_ += followed.size();
  // Durable before the first read: an acknowledged write is not forgotten by a crash.
  co_await write_pending(std::move(rows));

  Outcome worst = Outcome::ok;
  Tasks soon(executor_);
  std::vector<Followed> later;
  for (Followed& each : followed) {
    if (each.read_back.read.delay <= subject_.plan.lease_within)
      soon.start(read_soon(std::move(each), worst));
    else
      later.push_back(std::move(each));
  }
  for (Followed& each : later) {
    Settling settling(subject_.plan, each.read_back, each.due);
    tasks_.start(read_later(std::move(each), std::move(settling)));
  }
  co_await soon.join();
  co_return worst;
}

asio::awaitable<void> ReadFollower::read_soon(Followed followed, Outcome& worst) {
  const TimePoint patience = TimePoint(followed.write_began.boot) + subject_.plan.round_deadline;
  Settling settling(subject_.plan, followed.read_back, followed.due);
  while (!settling.is_over() && settling.next() < patience) {
    co_await around_.clock.sleep_until(settling.next());
    const Outcome found = co_await read_once(followed, settling);
    worst = worse(worst, found);
  }
  if (settling.is_over()) {
    co_await finish(std::move(followed.id), std::move(followed.group));
  } else {
    worst = worse(worst, Outcome::info);
    tasks_.start(read_later(std::move(followed), std::move(settling)));
  }
}

asio::awaitable<void> ReadFollower::read_later(Followed followed, Settling settling) {
  while (!settling.is_over()) {
    co_await around_.clock.sleep_until(settling.next());
    co_await read_once(followed, settling);
    if (settling.is_hopeless(around_.clock.now())) tell_never_read(followed, settling);
  }
  co_await finish(std::move(followed.id), std::move(followed.group));
}

void ReadFollower::tell_never_read(const Followed& followed, Settling& settling) {
  const ReadBack& read_back = followed.read_back;
  for (const Settling::Settled& each : settling.give_up()) {
    ++around_.counts.never_read[{subject_.flag, read_back.record.journey, each.field,
                                 read_back.read.path, read_back.read.delay, read_back.arm}];
    Observed observed{observation_of(read_back, each), followed.write_began};
    around_.decider.tell(subject_.flag, std::move(observed));
  }
}

asio::awaitable<Outcome> ReadFollower::read_once(const Followed& followed, Settling& settling) {
  const ReadBack& read_back = followed.read_back;
  const TimePoint begun = around_.clock.now();
  const auto exchange = probes::request(subject_.plan, read_back);
  std::vector<Settling::Settled> settled;
  if (exchange.has_value()) {
    const probes::Reply reply =
        co_await around_.transport.exchange(exchange->request, exchange->limits);
    settled = settling.take(judge(followed, reply), begun, around_.clock.now());
  } else {
    settled = settling.give_up();
  }
  Outcome worst = Outcome::ok;
  for (const Settling::Settled& each : settled) {
    probes::Observation observation = observation_of(read_back, each);
    if (!followed.is_whole && each.outcome == Outcome::ok) observation.outcome = Outcome::info;
    worst = worse(worst, observation.outcome);
    const Duration since_due = around_.clock.now() - followed.due;
    settle(observation, followed.write_began, since_due + read_back.read.delay);
  }
  co_return worst;
}

std::vector<probes::FieldReading> ReadFollower::judge(const Followed& followed,
                                                      const probes::Reply& reply) {
  std::vector<probes::Elsewhere> elsewhere;
  for (const probes::Elsewhere& text : recent_) {
    const auto& own = followed.read_back.fields;
    const bool is_own = std::any_of(own.begin(), own.end(), [&](const probes::WrittenField& field) {
      return field.seed == text.seed || field.previous_seed == text.seed;
    });
    if (!is_own) elsewhere.push_back(text);
  }
  return probes::judge(subject_.plan, followed.read_back, reply, elsewhere);
}

void ReadFollower::settle(const probes::Observation& observation, flags::Moment write_began,
                          std::optional<Duration> latency) {
  ProbeCounts& counts = around_.counts;
  ++counts.reads[{subject_.flag, observation.cell.field, observation.read.path,
                  observation.read.delay, observation.arm, observation.outcome}];
  if (observation.outcome == Outcome::ok && latency)
    counts.latency[observation.read.path].add(*latency);
  if (observation.outcome == Outcome::fail)
    counts.add_loss({subject_.flag, observation.cell.field, observation.cell.payload_class,
                     observation.loss_class, observation.arm});
  Observed observed{observation, write_began};
  around_.decider.tell(subject_.flag, std::move(observed));
  if (observation.outcome == Outcome::fail && observation.arm == probes::Arm::treatment)
    when_failed_();
}

asio::awaitable<void> ReadFollower::finish(std::string id, std::string group) {
  --pending_;
  // A fail is in the ledger before its read is forgotten: a crash between the two would lose it.
  co_await around_.decider.written();
  std::vector<std::string> ids{std::move(id)};
  co_await erase_pending(std::move(ids));
  const auto found = groups_.find(group);
  if (found == groups_.end() || --found->second.outstanding > 0) co_return;
  std::vector<probes::Removal> removals = std::move(found->second.removals);
  groups_.erase(found);
  tasks_.start(remove(std::move(group), std::move(removals)));
}

asio::awaitable<void> ReadFollower::discard(probes::Record record) {
  std::vector<probes::Removal> removals = probes::removals(subject_.plan, record);
  std::string group = new_group();
  co_await remove(std::move(group), std::move(removals));
}

asio::awaitable<void> ReadFollower::remove(std::string group,
                                           std::vector<probes::Removal> removals) {
  std::vector<std::string> ids;
  for (const probes::Removal& removal : removals) {
    ids.push_back(removal_id(group, removal.step));
    bool is_removed = false;
    for (int attempt = 0; attempt < kRemovalTries && !is_removed; ++attempt) {
      if (attempt > 0) co_await around_.clock.sleep_for(kRemovalPause);
      is_removed = co_await remove_one(removal);
    }
    if (!is_removed) ++around_.counts.removals_failed[subject_.flag];
  }
  if (!ids.empty()) co_await erase_pending(std::move(ids));
}

asio::awaitable<bool> ReadFollower::remove_one(probes::Removal removal) {
  const auto exchange = probes::request(subject_.plan, removal);
  if (exchange.has_error()) co_return false;
  const probes::Reply reply =
      co_await around_.transport.exchange(exchange->request, exchange->limits);
  co_return probes::check(subject_.plan, removal, reply).has_value();
}

std::vector<PendingRead> ReadFollower::left() const {
  std::vector<PendingRead> rows;
  for (const auto& [id, row] : rows_) rows.push_back(row);
  return rows;
}

asio::awaitable<void> ReadFollower::write_pending(std::vector<PendingRead> rows) {
  for (const PendingRead& row : rows) rows_[row.id] = row;
  const Result<void> written = co_await around_.store.put_pending(std::move(rows));
  if (written.has_value()) co_return;
  is_refused_ = is_refused_ || written.error().is_refusal;
  if (written.error().is_refusal) co_return;
  StoreFailed failed{written.error().what};
  around_.decider.tell(subject_.flag, std::move(failed));
}

asio::awaitable<void> ReadFollower::erase_pending(std::vector<std::string> ids) {
  for (const std::string& id : ids) rows_.erase(id);
  const Result<void> erased = co_await around_.store.erase_pending(std::move(ids));
  if (erased.has_value()) is_refused_ = false;
  StoreFailed failed;
  if (erased.has_error()) failed.what = erased.error().what;
  if (erased.has_error()) around_.decider.tell(subject_.flag, std::move(failed));
}

void ReadFollower::remember(const std::vector<ReadBack>& reads) {
  if (reads.empty()) return;
  for (const probes::WrittenField& field : reads.front().fields)
    recent_.push_back({reads.front().payload_class, field.seed, field.field});
  while (recent_.size() > kRecentTexts) recent_.pop_front();
}

std::string ReadFollower::new_group() {
  return std::to_string(around_.entropy.draw());
}

}  // namespace readback::guard
