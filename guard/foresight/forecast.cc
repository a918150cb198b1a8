#include "guard/foresight/forecast.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "guard/foresight/course.h"
#include "guard/foresight/rehearsals.h"

namespace readback::guard::foresight {
namespace {

using namespace std::chrono_literals;

// Exposure that never begins, in a plan whose evidence never suffices.
constexpr Duration kNeverExposed = 24h;
constexpr Duration kAfterExposure = 1min;

// Which chances: of a rollout, and none twice.
enum class Part : std::uint32_t { prefix, early, late, death, well };

class Foresight {
 public:
  Foresight(const Setting& setting, const Playing& playing)
      : setting_(setting),
        playing_(playing),
        begun_(setting, chances(Part::prefix, 0, 0)),
        early_(exposed()),
        late_(early_) {
    early_.run_until(early_.now() + kAfterExposure);
    late_ = early_;
    late_.run_until(late_.now() + setting.assumed.healthy);
  }

  LossForecast lose(const Scenario& scenario, std::size_t number, Onset onset) {
    const Rehearsal& healthy = onset == Onset::early ? early_ : late_;
    const Part part = onset == Onset::early ? Part::early : Part::late;
    struct Played {
      Course course;
      double requests_per_second = 0;
    };
    const auto played = play_all(playing_.threads, playing_.rollouts, [&](std::uint64_t i) {
      Random random = chances(part, number, i);
      Rehearsal rehearsal = healthy;
      const TimePoint when = rehearsal.now() + some_time(random);
      const Loss loss = drawn(scenario, random);
      rehearsal.go_on_with(random);
      rehearsal.lose(loss, when);
      const std::uint64_t requests = rehearsal.requests();
      const TimePoint begun = rehearsal.now();
      rehearsal.run_until(when + setting_.assumed.longest);
      const double took = std::max(seconds(rehearsal.now() - begun), 1.0);
      return Played{course_of(rehearsal, when, setting_.held_on),
                    static_cast<double>(rehearsal.requests() - requests) / took};
    });
    LossForecast forecast;
    forecast.scenario = scenario;
    forecast.onset = onset;
    forecast.share = share_of(healthy);
    std::vector<std::optional<double>> pauses, reverts, writes;
    for (const Played& each : played) {
      const Course& course = each.course;
      pauses.push_back(course.pause);
      reverts.push_back(course.revert);
      writes.push_back(course.exposed_hours * writes_an_hour());
      forecast.paused += course.pause ? 1 : 0;
      forecast.reverted += course.revert ? 1 : 0;
      forecast.flag_named += course.is_flag_named ? 1 : 0;
      loads_.push_back(each.requests_per_second);
    }
    forecast.pause = spread_of(std::move(pauses));
    forecast.revert = spread_of(std::move(reverts));
    forecast.writes_at_risk = spread_of(std::move(writes));
    return forecast;
  }

  GuardDeathForecast kill(Onset onset) {
    const Rehearsal& healthy = onset == Onset::early ? early_ : late_;
    const auto held = play_all(
        playing_.threads, playing_.rollouts, [&](std::uint64_t i) -> std::optional<double> {
          Random random = chances(Part::death, static_cast<std::size_t>(onset), i);
          Rehearsal rehearsal = healthy;
          const TimePoint when = rehearsal.now() + some_time(random);
          rehearsal.go_on_with(random);
          rehearsal.run_until(when);
          return seconds(rehearsal.held_without_guard());
        });
    GuardDeathForecast forecast;
    forecast.onset = onset;
    forecast.share = share_of(healthy);
    std::vector<std::optional<double>> writes;
    for (const auto& each : held)
      writes.push_back(*each / 3'600 * forecast.share * writes_an_hour());
    forecast.held = spread_of(held);
    forecast.writes_at_risk = spread_of(std::move(writes));
    return forecast;
  }

  WellForecast go_well(double noise, Duration at_most) {
    struct Played {
      std::vector<std::optional<double>> steps;
      bool is_reverted = false;
      bool was_paused = false;
    };
    const std::size_t steps = setting_.terms.rollout.steps.size();
    const auto played = play_all(playing_.threads, playing_.rollouts, [&](std::uint64_t i) {
      Rehearsal rehearsal = begun_;
      rehearsal.go_on_with(chances(Part::well, 0, i), noise);
      rehearsal.run_until_last_step(TimePoint(at_most));
      rehearsal.run_until(std::max(rehearsal.now(), TimePoint(setting_.assumed.longest)));
      Played result;
      result.steps = first_served(rehearsal, steps);
      result.is_reverted = rehearsal.is_reverted();
      const auto& served = rehearsal.served();
      result.was_paused = std::any_of(served.begin(), served.end(),
                                      [](const auto& each) { return each.share == 0; });
      return result;
    });
    WellForecast forecast;
    forecast.noise = noise;
    forecast.played = setting_.assumed.longest;
    std::uint64_t reverted = 0, paused = 0;
    for (std::size_t step = 0; step < steps; ++step) {
      std::vector<std::optional<double>> times;
      for (const Played& each : played) times.push_back(each.steps[step]);
      forecast.steps.push_back(spread_of(std::move(times)));
    }
    for (const Played& each : played) {
      reverted += each.is_reverted ? 1 : 0;
      paused += each.was_paused ? 1 : 0;
    }
    forecast.false_reverts = proportion(reverted, played.size());
    forecast.with_pauses = proportion(paused, played.size());
    return forecast;
  }

  LoadForecast load() const {
    LoadForecast load;
    const double members = setting_.plan.controls + 1;
    const double interval = seconds(setting_.plan.interval);
    unsigned most = 0;
    for (const WalkTimes& walk : setting_.walks) {
      load.steady += members * walk.requests / interval;
      most = std::max(most, walk.requests);
    }
    load.watched =
        load.steady + members * most * static_cast<double>(setting_.walks.size()) / interval;
    std::vector<std::optional<double>> loads(loads_.begin(), loads_.end());
    load.repeating = spread_of(std::move(loads)).p99.value_or(0);
    return load;
  }

 private:
  Random chances(Part part, std::size_t scenario, std::uint64_t rollout) const {
    std::seed_seq seeds{
        static_cast<std::uint32_t>(playing_.seed), static_cast<std::uint32_t>(playing_.seed >> 32),
        static_cast<std::uint32_t>(part),          static_cast<std::uint32_t>(scenario),
        static_cast<std::uint32_t>(rollout),       static_cast<std::uint32_t>(rollout >> 32)};
    return Random(seeds);
  }

  Rehearsal exposed() const {
    Rehearsal rehearsal = begun_;
    while (!rehearsal.is_served() && rehearsal.now() < TimePoint(kNeverExposed))
      rehearsal.run_until(rehearsal.now() + 1s);
    return rehearsal;
  }

  // Into a turn of the schedule, and of a lease's stamp.
  Duration some_time(Random& random) const {
    const Duration turn = std::max<Duration>(setting_.plan.interval, flags::kStampGrain);
    return Duration(std::uniform_int_distribution<std::int64_t>(0, turn.count())(random));
  }

  static Loss drawn(const Scenario& scenario, Random& random) {
    Loss loss = scenario.loss;
    const auto one_of = [&](const std::vector<std::string>& names) {
      return names[std::uniform_int_distribution<std::size_t>(0, names.size() - 1)(random)];
    };
    if (!scenario.fields.empty()) loss.field = one_of(scenario.fields);
    if (!scenario.payload_classes.empty()) loss.payload_class = one_of(scenario.payload_classes);
    return loss;
  }

  static double share_of(const Rehearsal& rehearsal) {
    return rehearsal.served().empty() ? 0 : rehearsal.served().back().share;
  }

  std::vector<std::optional<double>> first_served(const Rehearsal& played,
                                                  std::size_t steps) const {
    std::vector<std::optional<double>> first(steps);
    for (const Rehearsal::Served& each : played.served()) {
      for (std::size_t step = 0; step < steps; ++step) {
        const double share = static_cast<double>(setting_.terms.rollout.steps[step].share.ppm) /
                             flags::kEverybody.ppm;
        if (!first[step] && each.share >= share)
          first[step] = seconds(each.from.time_since_epoch());
      }
    }
    return first;
  }

  double writes_an_hour() const {
    return static_cast<double>(setting_.assumed.practitioners) * setting_.assumed.writes_per_hour;
  }

  const Setting& setting_;
  Playing playing_;
  Rehearsal begun_;
  Rehearsal early_;
  Rehearsal late_;
  std::vector<double> loads_;
};

}  // namespace

Forecast foresee(const Configuration& configuration, const Guarded& guarded,
                 const Assumptions& assumed, const Playing& playing) {
  assert(guarded.flag.rollout && playing.rollouts > 0 && playing.threads > 0);
  const Setting setting(configuration, guarded, assumed);
  Forecast forecast;
  forecast.flag = guarded.flag.key;
  forecast.plan_path = guarded.plan_path;
  forecast.rollout = guarded.flag.rollout->steps;
  forecast.assumed = assumed;
  forecast.playing = playing;
  forecast.evidence = guarded.evidence;
  forecast.bounds = derive_bounds(*guarded.flag.rollout, guarded.plan, delays_of(configuration),
                                  needs_of(guarded.evidence));
  forecast.unseen = unseen_by(guarded.plan);
  Foresight foresight(setting, playing);
  const std::vector<Scenario> scenarios = scenarios_of(guarded.plan);
  for (std::size_t i = 0; i < scenarios.size(); ++i)
    for (const Onset onset : {Onset::early, Onset::late})
      forecast.losses.push_back(foresight.lose(scenarios[i], i, onset));
  for (const Onset onset : {Onset::early, Onset::late})
    forecast.deaths.push_back(foresight.kill(onset));
  forecast.well = foresight.go_well(guarded.evidence.baseline_loss_rate,
                                    2 * forecast.bounds.rollout + assumed.longest);
  forecast.load = foresight.load();
  forecast.rollouts = playing.rollouts * (forecast.losses.size() + forecast.deaths.size() + 1);
  return forecast;
}

}  // namespace readback::guard::foresight
