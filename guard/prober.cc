#include "guard/prober.h"

#include <algorithm>
#include <utility>

namespace readback::guard {
namespace asio = boost::asio;
using probes::Arm;
using probes::Casting;
using probes::Journey;
using probes::Outcome;
using probes::Walk;

namespace {

// Repeats follow one another; this keeps an application that fails at once from being flooded.
constexpr Duration kRepeatPause = std::chrono::milliseconds(100);

// A synthetic practitioner while he walks: his arm is pinned, and nobody else plays him.
class Playing {
 public:
  Playing(Publisher& publisher, const std::string& flag, const std::string& practitioner,
          flags::Pin pin, std::set<std::string>& busy)
      : publisher_(publisher), flag_(flag), practitioner_(practitioner), busy_(busy) {
    publisher_.pin(flag_, practitioner_, std::move(pin));
  }
  ~Playing() {
    publisher_.unpin(flag_, practitioner_);
    busy_.erase(practitioner_);
  }
  Playing(const Playing&) = delete;
  Playing& operator=(const Playing&) = delete;

 private:
  Publisher& publisher_;
  const std::string flag_;
  const std::string practitioner_;
  std::set<std::string>& busy_;
};

ProbeCounts::Result result_of(Outcome outcome) {
  if (outcome == Outcome::fail) return ProbeCounts::Result::fail;
  return outcome == Outcome::ok ? ProbeCounts::Result::ok : ProbeCounts::Result::info;
}

}  // namespace

Prober::Prober(asio::any_io_executor executor, Subject subject, const Surroundings& around)
    : executor_(std::move(executor)),
      subject_(std::move(subject)),
      around_(around),
      tasks_(executor_) {
  follower_.emplace(executor_, tasks_, subject_, around_, [this] { start_repeats(); });
}

asio::awaitable<void> Prober::run(std::vector<PendingRead> left) {
  follower_->resume(left);
  for (const Journey& journey : subject_.plan.journeys) tasks_.start(schedule(journey));
  start_repeats();
  co_await tasks_.join();
}

asio::awaitable<void> Prober::schedule(const Journey& journey) {
  // Not all journeys at once at the start.
  TimePoint next = around_.clock.now() + jittered(subject_.plan.interval) / 4;
  for (;;) {
    co_await around_.clock.sleep_until(next);
    next = std::max(next + jittered(subject_.plan.interval), around_.clock.now());
    if (!may_probe()) continue;
    tasks_.start(start_block(journey, next_payload_class(journey), false));
    if (std::optional<Repeat> watched = next_watched())
      tasks_.start(start_block(*subject_.plan.journey(watched->first), watched->second, true));
  }
}

bool Prober::may_probe() const {
  const State* const state = around_.decider.state(subject_.flag);
  return state != nullptr && probes_treatment(*state);
}

const std::string& Prober::next_payload_class(const Journey& journey) {
  const auto& classes = subject_.plan.payload_classes;
  return classes[turns_[journey.name]++ % classes.size()];
}

Duration Prober::jittered(Duration interval) {
  constexpr std::uint64_t kGrain = 1'000'000;
  const double place = static_cast<double>(around_.entropy.below(2 * kGrain + 1)) / kGrain - 1.0;
  const double share = 1.0 + subject_.plan.jitter * place;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(interval) * share);
}

std::optional<std::vector<Casting>> Prober::draw_cast(const Journey& journey,
                                                      const std::string& payload_class) {
  std::vector<const probes::Practitioner*> free;
  for (const probes::Practitioner& practitioner : subject_.plan.practitioners)
    if (!busy_.contains(practitioner.id)) free.push_back(&practitioner);
  const unsigned members = subject_.plan.controls + 1;
  if (free.size() < members) return std::nullopt;
  const std::uint64_t block = around_.entropy.draw();
  const std::uint64_t treatment = around_.entropy.below(members);
  std::vector<Casting> cast;
  for (unsigned member = 0; member < members; ++member) {
    std::swap(free[member], free[member + around_.entropy.below(free.size() - member)]);
    const probes::Practitioner& practitioner = *free[member];
    const auto& patients = practitioner.patients;
    cast.push_back({block, member, member == treatment ? Arm::treatment : Arm::control,
                    journey.name, practitioner.id, patients[around_.entropy.below(patients.size())],
                    payload_class, around_.entropy.draw()});
  }
  return cast;
}

asio::awaitable<void> Prober::start_block(const Journey& journey, std::string payload_class,
                                          bool is_repeat) {
  std::optional<std::vector<Casting>> cast;
  if (follower_->has_room()) cast = draw_cast(journey, payload_class);
  if (!cast) {
    ++around_.counts.blocks_skipped[subject_.flag];
    co_return;
  }
  BlockOpened opened;
  opened.block = cast->front().block;
  opened.journey = journey.name;
  opened.payload_class = payload_class;
  opened.members = static_cast<unsigned>(cast->size());
  opened.is_repeat = is_repeat;
  opened.began = around_.clock.moment();
  for (const Casting& casting : *cast) {
    busy_.insert(casting.practitioner);
    if (casting.arm == Arm::treatment) opened.treatment = casting.member;
  }
  const Place place{opened.members, opened.treatment, opened.began};
  around_.decider.tell(subject_.flag, std::move(opened));
  Tasks members(executor_);
  for (Casting& casting : *cast) members.start(play_member(std::move(casting), place));
  co_await members.join();
}

asio::awaitable<void> Prober::play_member(Casting casting, Place place) {
  Walk walk(subject_.plan, casting);
  Played played;
  {
    const bool is_treatment = casting.arm == Arm::treatment;
    flags::Pin pin{is_treatment ? subject_.treatment : subject_.safe, subject_.plan.round_deadline};
    const Playing playing(around_.publisher, subject_.flag, casting.practitioner, std::move(pin),
                          busy_);
    played = co_await walk_through(walk);
  }
  const flags::Moment began = played.began.value_or(around_.clock.moment());
  const auto count = [&](ProbeCounts::Result result) {
    ++around_.counts.rounds[{subject_.flag, casting.journey, casting.arm, result}];
  };
  const bool is_void = played.why_void.has_value();
  if (is_void) ++around_.counts.voids[{subject_.flag, casting.arm, *played.why_void}];
  if (is_void || !walk.has_written()) {
    tell_unread(casting, {}, began, is_void);
    count(is_void ? ProbeCounts::Result::void_arm : ProbeCounts::Result::info);
    co_await follower_->discard(walk.record());
    co_return;
  }
  std::vector<probes::ReadBack> reads = walk.read_backs();
  tell_unread(casting, reads, began, false);
  const bool is_whole = walk.state() == Walk::State::acknowledged;
  Walked walked{walk.record(), std::move(reads), began,       played.acknowledged,
                place.members, place.treatment,  place.began, is_whole};
  const Outcome outcome = co_await follower_->follow(std::move(walked));
  count(result_of(outcome));
}

asio::awaitable<Prober::Played> Prober::walk_through(Walk& walk) {
  Played played;
  const Casting& casting = walk.casting();
  for (auto exchange = walk.next(); exchange; exchange = walk.next()) {
    const bool is_write = walk.is_write();
    const flags::Moment begun = around_.clock.moment();
    if (is_write && !played.began) played.began = begun;
    const probes::Reply reply =
        co_await around_.transport.exchange(exchange->request, exchange->limits);
    const TimePoint ended = around_.clock.now();
    walk.answered(reply);
    const bool is_acknowledged =
        walk.state() == Walk::State::running || walk.state() == Walk::State::acknowledged;
    if (!is_acknowledged) continue;
    played.acknowledged = ended;
    if (is_write && !played.why_void)
      played.why_void = why_void(casting, TimePoint(begun.boot), ended);
  }
  if (!played.why_void && !walk.took_its_path()) played.why_void = VoidReason::other_path;
  co_return played;
}

std::optional<VoidReason> Prober::why_void(const Casting& casting, TimePoint from,
                                           TimePoint to) const {
  if (around_.loop_watch.worst_lateness(from, to) > subject_.answer_within)
    return VoidReason::guard_late;
  const std::string& variant = casting.arm == Arm::treatment ? subject_.treatment : subject_.safe;
  return around_.witness
      .judge(subject_.flag, casting.practitioner, variant, from, to, subject_.answer_within)
      .why_void();
}

void Prober::tell_unread(const Casting& casting, const std::vector<probes::ReadBack>& reads,
                         flags::Moment began, bool is_void) {
  const Journey& journey = *subject_.plan.journey(casting.journey);
  for (const std::string& field : subject_.plan.probed_fields(journey)) {
    for (const probes::ReadPoint& point : subject_.plan.reads(journey, field)) {
      const bool is_read = std::any_of(reads.begin(), reads.end(), [&](const auto& read_back) {
        return read_back.read == point &&
               std::any_of(read_back.fields.begin(), read_back.fields.end(),
                           [&](const auto& written) { return written.field == field; });
      });
      if (is_read) continue;
      probes::Observation observation;
      observation.block = casting.block;
      observation.member = casting.member;
      observation.arm = casting.arm;
      observation.cell = {casting.journey, field, casting.payload_class};
      observation.read = point;
      observation.is_void = is_void;
      follower_->settle(observation, began, std::nullopt);
    }
  }
}

void Prober::start_repeats() {
  const State* const state = around_.decider.state(subject_.flag);
  if (state == nullptr || !probes_treatment(*state)) return;
  for (const probes::Cell& cell : state->harm.suspects()) {
    Repeat wanted{cell.journey, cell.payload_class};
    if (subject_.plan.journey(cell.journey) == nullptr) continue;
    if (repeating_.insert(wanted).second) tasks_.start(repeat(std::move(wanted)));
  }
}

std::optional<Prober::Repeat> Prober::next_watched() {
  const State* const state = around_.decider.state(subject_.flag);
  std::set<Repeat> watched;
  for (const probes::Cell& cell : state->harm.watched())
    if (subject_.plan.journey(cell.journey) != nullptr)
      watched.insert({cell.journey, cell.payload_class});
  if (watched.empty()) return std::nullopt;
  return *std::next(watched.begin(), static_cast<std::ptrdiff_t>(watched_turn_++ % watched.size()));
}

bool Prober::is_suspect(const Repeat& cell) const {
  if (!may_probe()) return false;
  const std::vector<probes::Cell> suspects = around_.decider.state(subject_.flag)->harm.suspects();
  return std::any_of(suspects.begin(), suspects.end(), [&](const probes::Cell& suspect) {
    return suspect.journey == cell.first && suspect.payload_class == cell.second;
  });
}

asio::awaitable<void> Prober::repeat(Repeat cell) {
  const Journey& journey = *subject_.plan.journey(cell.first);
  while (is_suspect(cell)) {
    co_await start_block(journey, cell.second, true);
    co_await around_.clock.sleep_for(kRepeatPause);
  }
  repeating_.erase(cell);
}

}  // namespace readback::guard
