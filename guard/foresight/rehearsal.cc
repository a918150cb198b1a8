#include "guard/foresight/rehearsal.h"

#include <algorithm>
#include <utility>

#include "guard/foresight/next_look.h"

namespace readback::guard::foresight {
namespace {

// Of no account, but that time began before it.
constexpr std::chrono::nanoseconds kBoot = std::chrono::hours(1);
constexpr std::chrono::milliseconds kWall = std::chrono::seconds(1'800'000'000);
constexpr Duration kTick = std::chrono::seconds(1);
constexpr Duration kRepeatPause = std::chrono::milliseconds(100);  // as the prober's

State waiting(const Setting& setting, flags::Moment now) {
  State state = restore(setting.terms, Latch{}, History{}, now);
  state.harm.stop_journal();
  return state;
}

}  // namespace

Rehearsal::Rehearsal(const Setting& setting, Random random)
    : setting_(&setting),
      state_(waiting(setting, moment(now_))),
      random_(std::move(random)),
      turns_(setting.plan.journeys.size()),
      oks_(setting.plan.journeys.size()) {
  begin_turns();
  for (std::size_t i = 0; i < oks_.size(); ++i) oks_[i].told.resize(setting.walks[i].delays.size());
  take(Commanded{{Command::Kind::start, "foresight", "", false, 0}});
  look_ = now_ + kTick;
}

void Rehearsal::go_on_with(Random random, double noise) {
  random_ = std::move(random);
  noise_rate_ = noise;
  noise_ = Chances(noise);
  if (blocks_ == 0) begin_turns();
}

void Rehearsal::begin_turns() {
  for (Turn& turn : turns_) turn.next = now_ + jittered() / 4;
}

void Rehearsal::lose(const Loss& loss, TimePoint when) {
  loss_ = loss;
  loss_begins_ = when;
  lost_ = Chances(loss.rate);
}

void Rehearsal::run_until(TimePoint end) {
  while (!is_reverted()) {
    const TimePoint due = due_.empty() ? TimePoint::max() : due_.begin()->first;
    const TimePoint next = std::min({end, look_, due});
    const auto turn = std::min_element(
        turns_.begin(), turns_.end(), [](const Turn& a, const Turn& b) { return a.next < b.next; });
    if (turn->next < next) {
      now_ = turn->next;
      begin_turn(static_cast<std::size_t>(turn - turns_.begin()));
      continue;
    }
    now_ = next;
    if (due <= next)
      perform(std::move(due_.extract(due_.begin()).mapped()));
    else if (look_ <= next)
      look();
    else
      return tell_oks();
  }
}

void Rehearsal::run_until_last_step(TimePoint at_most) {
  while (!is_reverted() && now_ < at_most && !(is_at_last_step() && is_served()))
    run_until(std::min(at_most, std::max(look_, now_ + kTick)));
}

flags::Moment Rehearsal::moment(TimePoint time) const {
  const Duration passed = time.time_since_epoch();
  return {kBoot + passed, kWall + std::chrono::floor<std::chrono::milliseconds>(passed)};
}

void Rehearsal::take(Happening happening) {
  Decision decision = step(state_, {moment(now_), std::move(happening)});
  // Nothing is lost on this disk.
  while (decision.write)
    decision = step(state_, {moment(now_), Written{*std::exchange(decision.write, std::nullopt)}});
  note_served(decision.serve);
  note_suspicions();
}

void Rehearsal::note_served(const flags::Exposure& exposure) {
  exposure_ = exposure;
  const bool is_served =
      exposure.mode == flags::Exposure::Mode::leased && exposure.lease.holds(moment(now_));
  const double share =
      is_served ? static_cast<double>(exposure.share.ppm) / flags::kEverybody.ppm : 0;
  if (share == share_) return;
  share_ = share;
  served_.push_back({now_, share});
}

void Rehearsal::note_suspicions() {
  if (state_.harm.is_clear() && suspects_.empty() && watched_.empty()) return;
  suspects_ = probed(state_.harm.suspects());
  watched_ = probed(state_.harm.watched());
}

std::vector<Rehearsal::Probed> Rehearsal::probed(const std::vector<probes::Cell>& cells) const {
  const auto& journeys = setting_->plan.journeys;
  const auto& classes = setting_->plan.payload_classes;
  std::set<Probed> found;
  for (const probes::Cell& cell : cells) {
    const auto journey = std::find_if(journeys.begin(), journeys.end(),
                                      [&](const auto& one) { return one.name == cell.journey; });
    const auto payload_class = std::find(classes.begin(), classes.end(), cell.payload_class);
    found.emplace(journey - journeys.begin(), payload_class - classes.begin());
  }
  return {found.begin(), found.end()};
}

void Rehearsal::look() {
  tell_oks();
  take(Ticked{});
  look_ = now_ + until_oks_matter(state_, *setting_, moment(now_));
}

void Rehearsal::perform(Due due) {
  if (const auto* repeat = std::get_if<Repeat>(&due)) {
    tell_oks();
    const bool is_suspect =
        std::find(suspects_.begin(), suspects_.end(), repeat->of) != suspects_.end();
    if (!is_suspect) {
      repeating_.erase(repeat->of);
      return;
    }
    const std::optional<TimePoint> settled = begin_block(repeat->of, true);
    due_.emplace(settled.value_or(now_) + kRepeatPause, *repeat);
    return;
  }
  tell_oks();
  Reads& reads = std::get<Reads>(due);
  if (reads.opened) take(std::move(*reads.opened));
  take(std::move(reads.together));
  if (is_reverted()) return;
  for (const Probed& suspect : suspects_)
    if (repeating_.insert(suspect).second) due_.emplace(now_, Repeat{suspect});
  if (!is_served() || !state_.harm.is_clear()) look_ = std::min(look_, now_ + kTick);
}

void Rehearsal::begin_turn(std::size_t journey) {
  Turn& turn = turns_[journey];
  turn.next = now_ + jittered();
  begin_block({journey, turn.count++ % setting_->plan.payload_classes.size()}, false);
  if (!watched_.empty()) begin_block(watched_[watched_turn_++ % watched_.size()], true);
}

std::optional<TimePoint> Rehearsal::begin_block(Probed of, bool is_repeat) {
  if (!has_free_practitioners()) {
    ++skipped_;
    return std::nullopt;
  }
  const auto& [journey, payload_class] = of;
  const WalkTimes& walk = setting_->walks[journey];
  busy_until_.push_back(now_ + walk.walked);
  ++blocks_;
  requests_ += std::uint64_t{setting_->plan.controls + 1} * walk.requests;
  const bool can_hit = now_ + walk.write >= loss_begins_ && shows_in(journey) &&
                       loss_.can_hit(setting_->plan.journeys[journey].name,
                                     setting_->plan.payload_classes[payload_class]);
  const bool is_lost = can_hit && lost_.next(random_);
  std::vector<bool> platform_lost;
  if (noise_rate_ > 0)
    for (unsigned member = 0; member <= setting_->plan.controls; ++member)
      platform_lost.push_back(noise_.next(random_));
  const bool is_any_lost =
      is_lost || std::find(platform_lost.begin(), platform_lost.end(), true) != platform_lost.end();
  if (is_any_lost) return lose_in_block(of, is_repeat, is_lost, platform_lost);
  oks_[journey].blocks.push_back({now_, payload_class});
  TimePoint settled = now_ + walk.walked;
  for (const ReadTimes& read : walk.reads)
    if (read.is_for_lease) settled = std::max(settled, now_ + read.ok);
  return settled;
}

TimePoint Rehearsal::lose_in_block(Probed of, bool is_repeat, bool is_lost,
                                   const std::vector<bool>& platform_lost) {
  const auto& [journey, payload_class] = of;
  const WalkTimes& walk = setting_->walks[journey];
  BlockOpened opened;
  opened.block = blocks_;
  opened.journey = setting_->plan.journeys[journey].name;
  opened.payload_class = setting_->plan.payload_classes[payload_class];
  opened.members = setting_->plan.controls + 1;
  opened.treatment = static_cast<unsigned>(random_() % opened.members);
  opened.is_repeat = is_repeat;
  opened.began = moment(now_);
  const flags::Moment write_began = moment(now_ + walk.write);
  TimePoint settled = now_ + walk.walked;
  std::map<TimePoint, ObservedTogether> by_time;
  for (unsigned member = 0; member < opened.members; ++member) {
    const bool is_treatment = member == opened.treatment;
    const bool is_by_platform = !platform_lost.empty() && platform_lost[member];
    for (const ReadTimes& read : walk.reads) {
      bool is_any_failed = false;
      for (const std::string& field : read.fields) {
        const bool is_by_flag = is_treatment && is_lost && loss_.takes(field);
        const bool has_failed = (is_by_platform || is_by_flag) && shows(field);
        probes::Observation observation;
        observation.block = opened.block;
        observation.member = member;
        observation.arm = is_treatment ? probes::Arm::treatment : probes::Arm::control;
        observation.cell = {opened.journey, field, opened.payload_class};
        observation.read = read.read;
        observation.outcome = has_failed ? probes::Outcome::fail : probes::Outcome::ok;
        observation.loss_class =
            has_failed ? probes::LossClass::field_missing : probes::LossClass::equal;
        const TimePoint when = now_ + (has_failed ? read.failed : read.ok);
        is_any_failed |= has_failed;
        by_time[when].all.push_back({std::move(observation), write_began});
        if (read.is_for_lease) settled = std::max(settled, when);
      }
      if (is_any_failed) requests_ += read.rereads;
    }
  }
  std::optional<BlockOpened> first = std::move(opened);
  for (auto& [when, together] : by_time)
    due_.emplace(when, Reads{std::exchange(first, std::nullopt), std::move(together)});
  return settled;
}

bool Rehearsal::has_free_practitioners() {
  std::erase_if(busy_until_, [&](TimePoint until) { return until <= now_; });
  const std::size_t members = setting_->plan.controls + 1;
  return (busy_until_.size() + 1) * members <= setting_->plan.practitioners.size();
}

// Whether a read would tell that it is gone.
bool Rehearsal::shows(const std::string& field) const {
  const probes::Field* const probed = setting_->plan.field(field);
  return probed != nullptr && !probed->tolerates.contains(probes::LossClass::field_missing);
}

bool Rehearsal::shows_in(std::size_t journey) const {
  const auto& reads = setting_->walks[journey].reads;
  return std::any_of(reads.begin(), reads.end(), [&](const ReadTimes& read) {
    return std::any_of(read.fields.begin(), read.fields.end(), [&](const std::string& field) {
      return loss_.takes(field) && shows(field);
    });
  });
}

Duration Rehearsal::held_without_guard() const {
  if (!is_served()) return {};
  return exposure_.lease.stamp() - moment(now_).wall + setting_->held_on;
}

Duration Rehearsal::jittered() {
  std::uniform_real_distribution<double> place(-1, 1);
  const double share = 1 + setting_->plan.jitter * place(random_);
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(setting_->plan.interval) * share);
}

}  // namespace readback::guard::foresight
