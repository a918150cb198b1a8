#include "tests/simulation/script.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <utility>

#include "tests/simulation/notes_configuration.h"

namespace readback::simulation {
namespace {

using Kind = guard::Command::Kind;
using namespace std::chrono_literals;

constexpr std::array kLosses{"lost-when-document-shared",
                             "acknowledged-not-stored",
                             "truncate:3",
                             "truncate:60",
                             "strip-4-byte-utf8",
                             "html-escape",
                             "swap-fields",
                             "cross-patient",
                             "trim",
                             "stale-cache:0.6",
                             "stale-cache:3",
                             "stale-cache:20",
                             "erase-after:5",
                             "erase-after:1",
                             "lose-fraction:0.3",
                             "lose-fraction:0.05",
                             "hang",
                             "error-500",
                             "slow:0.6",
                             "slow:10",
                             "both-arms",
                             "both-arms:lose-fraction:0.3",
                             "control-only",
                             "control-only:hang"};

class Drawing {
 public:
  explicit Drawing(std::uint64_t seed) : random_(seed * 0x9E3779B97F4A7C15U + 1) {}

  Script draw();

 private:
  using Fault = void (Drawing::*)(Duration begin, Duration end);

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool happens(double chance) { return static_cast<double>(random_() >> 11) * 0x1p-53 < chance; }
  Duration between(Duration least, Duration most) {
    return least + Duration(static_cast<std::int64_t>(
                       below(static_cast<std::uint64_t>((most - least).count()) + 1)));
  }
  // As likely between 0.1 and 1 as between 1 and 10 of something.
  Duration some(Duration least, Duration most) {
    const double share = static_cast<double>(random_() >> 11) * 0x1p-53;
    const double ratio = static_cast<double>(most.count()) / static_cast<double>(least.count());
    return Duration(
        static_cast<std::int64_t>(static_cast<double>(least.count()) * std::pow(ratio, share)));
  }

  void act(Duration at, std::string name, std::function<void(House&)> play, int disturbs = 0) {
    script_.acts.push_back({at, std::move(name), std::move(play), disturbs});
  }
  void during(Duration begin, Duration end, const std::string& name,
              std::function<void(House&)> play, std::function<void(House&)> undo) {
    act(begin, name, std::move(play), 1);
    act(end, "no more " + name, std::move(undo), -1);
  }
  Link& link_of(House& house, bool is_of_clients) {
    return is_of_clients ? house.clients_link() : house.probes_link();
  }

  void crash(Duration begin, Duration end);
  void power_cut(Duration begin, Duration end);
  void power_cut_in_call(Duration begin, Duration end);
  void shutdown(Duration begin, Duration end);
  void hang(Duration begin, Duration end);
  void suspend(Duration begin, Duration end);
  void snapshot(Duration begin, Duration end);
  void clock_jump(Duration begin, Duration end);
  void partition(Duration begin, Duration end);
  void bad_network(Duration begin, Duration end);
  void slow_network(Duration begin, Duration end);
  void refusals(Duration begin, Duration end);
  void application_restart(Duration begin, Duration end);
  void slow_answers(Duration begin, Duration end);
  void slow_disk(Duration begin, Duration end);
  void disk_error(Duration begin, Duration end);
  void full_disk(Duration begin, Duration end);
  void latch_error(Duration begin, Duration end);

  void draw_faults();
  void draw_losses();
  void draw_commands();
  void draw_reloads();

  std::mt19937_64 random_;
  Script script_;
};

void Drawing::crash(Duration begin, Duration) {
  act(begin, "crash", [](House& house) { house.crash(false); });
}
void Drawing::power_cut(Duration begin, Duration) {
  act(begin, "power cut", [](House& house) { house.crash(true); });
}
void Drawing::power_cut_in_call(Duration begin, Duration) {
  const auto call = static_cast<unsigned>(1 + below(40));
  act(begin, "power cut in a disk call", [call](House& house) {
    if (house.is_up()) house.cut_power_in_call(call);
  });
}
void Drawing::shutdown(Duration begin, Duration) {
  act(begin, "SIGTERM", [](House& house) { house.stop(); });
}
void Drawing::hang(Duration begin, Duration) {
  during(begin, begin + some(100ms, 12s), "hung loop", &House::hang, &House::resume);
}
void Drawing::suspend(Duration begin, Duration) {
  during(begin, begin + some(500ms, 40s), "suspend", &House::suspend, &House::resume);
}
void Drawing::snapshot(Duration begin, Duration end) {
  during(begin, begin + some(500ms, 40s), "snapshot", &House::snapshot, &House::resume);
  // Then somebody sets the wall clock right.
  act(std::max(end, begin + 41s), "clock set right",
      [](House& house) { house.clock().set_wall_error({}); });
}
void Drawing::clock_jump(Duration begin, Duration end) {
  const Duration size = some(200ms, 3h);
  const auto jump = std::chrono::duration_cast<WallTime>(happens(0.5) ? size : -size);
  during(
      begin, end, "clock jump", [jump](House& house) { house.clock().set_wall_error(jump); },
      [](House& house) { house.clock().set_wall_error({}); });
}
void Drawing::partition(Duration begin, Duration end) {
  const bool is_of_clients = happens(0.3);
  const bool is_there = happens(0.7), is_back = !is_there || happens(0.5);
  const auto cut = [=, this](House& house, bool is_cut) {
    Link& link = link_of(house, is_of_clients);
    if (is_there) link.there.is_cut = is_cut;
    if (is_back) link.back.is_cut = is_cut;
  };
  during(
      begin, end, "partition", [=](House& house) { cut(house, true); },
      [=](House& house) { cut(house, false); });
}
void Drawing::bad_network(Duration begin, Duration end) {
  const double lost = happens(0.5) ? 0.02 : 0.3;
  const double doubled = happens(0.5) ? 0.3 : 0;
  const auto set = [](House& house, double lose, double twice) {
    for (Way* way : {&house.probes_link().there, &house.probes_link().back}) {
      way->lost = lose;
      way->doubled = twice;
    }
  };
  during(
      begin, end, "bad network", [=](House& house) { set(house, lost, doubled); },
      [=](House& house) { set(house, 0, 0); });
}
void Drawing::slow_network(Duration begin, Duration end) {
  const bool is_of_clients = happens(0.3);
  const Duration longest = some(50ms, 8s);
  const Duration usual = is_of_clients ? Duration() : script_.network.longest;
  const auto set = [=, this](House& house, Duration time) {
    Link& link = link_of(house, is_of_clients);
    link.there.longest = link.back.longest = time;
  };
  during(
      begin, end, "slow network", [=](House& house) { set(house, longest); },
      [=](House& house) { set(house, usual); });
}
void Drawing::refusals(Duration begin, Duration end) {
  const double share = happens(0.5) ? 1 : 0.3;
  during(
      begin, end, "burst of 503", [=](House& house) { house.application().refuse(share); },
      [](House& house) { house.application().refuse(0); });
}
void Drawing::application_restart(Duration begin, Duration end) {
  during(
      begin, happens(0.5) ? begin + some(10ms, 3s) : end, "application restart",
      [](House& house) { house.application().stop(); },
      [](House& house) { house.application().start(); });
}
void Drawing::slow_answers(Duration begin, Duration end) {
  const Duration delay = some(20ms, 2s);
  during(
      begin, end, "slow answers", [=](House& house) { house.slow_answers(delay); },
      [](House& house) { house.slow_answers({}); });
}
void Drawing::slow_disk(Duration begin, Duration end) {
  const Duration longest = some(50ms, 4s);
  const Duration usual = script_.longest_disk_call;
  during(
      begin, end, "slow disk", [=](House& house) { house.slow_disk(longest); },
      [=](House& house) { house.slow_disk(usual); });
}
void Drawing::disk_error(Duration begin, Duration end) {
  const auto call = static_cast<unsigned>(1 + below(60));
  during(
      begin, end, "disk error", [=](House& house) { house.disk().fail_call(call); },
      [](House& house) { house.disk().fail_call(0); });
}
void Drawing::full_disk(Duration begin, Duration end) {
  during(
      begin, end, "full disk", [](House& house) { house.disk().fill(); },
      [](House& house) { house.disk().free_space(); });
}
void Drawing::latch_error(Duration begin, Duration end) {
  const auto call = static_cast<unsigned>(1 + below(6));
  during(
      begin, end, "error of the latch file", [=](House& house) { house.medium().fail_call(call); },
      [](House& house) { house.medium().fail_call(0); });
}

void Drawing::draw_faults() {
  constexpr Fault kFaults[] = {&Drawing::crash,
                               &Drawing::crash,
                               &Drawing::power_cut,
                               &Drawing::power_cut,
                               &Drawing::power_cut_in_call,
                               &Drawing::shutdown,
                               &Drawing::hang,
                               &Drawing::suspend,
                               &Drawing::snapshot,
                               &Drawing::clock_jump,
                               &Drawing::clock_jump,
                               &Drawing::partition,
                               &Drawing::partition,
                               &Drawing::bad_network,
                               &Drawing::slow_network,
                               &Drawing::refusals,
                               &Drawing::application_restart,
                               &Drawing::slow_answers,
                               &Drawing::slow_disk,
                               &Drawing::disk_error,
                               &Drawing::full_disk,
                               &Drawing::latch_error};
  // One in four seeds has none of them: what is only lost must be seen at once.
  const std::uint64_t count = happens(0.25) ? 0 : 1 + below(5);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Duration begin = between(0s, script_.safety);
    const Duration end = begin + some(200ms, 40s);
    (this->*kFaults[below(std::size(kFaults))])(begin, end);
  }
}

void Drawing::draw_losses() {
  const std::uint64_t count = happens(0.4) ? 0 : 1 + below(2);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string fault = kLosses[below(kLosses.size())];
    const Duration begin = between(0s, script_.safety);
    act(begin, fault, [=](House& house) { house.break_with(fault); });
    act(begin + some(500ms, 60s), "none", [](House& house) { house.break_with("none"); });
  }
}

void Drawing::draw_commands() {
  constexpr Kind kKinds[] = {Kind::revert, Kind::revert, Kind::rearm,  Kind::rearm,
                             Kind::pause,  Kind::resume, Kind::resume, Kind::start};
  const std::uint64_t count = happens(0.4) ? 0 : 1 + below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Duration at = between(0s, script_.safety);
    const Kind kind = happens(0.03) ? Kind::finish : kKinds[below(std::size(kKinds))];
    act(at, "command", [=](House& house) { house.command(kind); });
    // Two people at the same keyboard, so to speak.
    const Kind other = kKinds[below(std::size(kKinds))];
    if (happens(0.4))
      act(at + some(10us, 100ms), "command", [=](House& house) { house.command(other); });
    // Somebody trips over the cable just after.
    if (happens(0.3))
      act(at + some(1ms, 100ms), "power cut", [](House& house) { house.crash(true); });
  }
}

void Drawing::draw_reloads() {
  const std::uint64_t count = happens(0.7) ? 0 : 1 + below(2);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Duration at = between(0s, script_.safety);
    if (happens(0.2)) {
      act(at, "wrong config", &House::refuse_configuration);
      continue;
    }
    const auto edition = static_cast<unsigned>(below(kEditions));
    act(at, "reload", [=](House& house) { house.configure(notes_configuration(edition)); });
  }
}

Script Drawing::draw() {
  script_.safety = between(35s, 70s);
  script_.network.longest = between(1ms, 40ms);
  script_.longest_disk_call = some(1ms, 40ms);
  for (Duration at = between(500ms, 3s); at < script_.safety; at += 10s)
    act(at, "start, if it waits", [](House& house) {
      const guard::State* const state = house.state();
      if (state != nullptr && state->phase == guard::Phase::waiting) house.command(Kind::start);
    });
  for (Duration at = between(1s, 20s); at < script_.safety; at += 20s)
    act(at, "status", &House::look_at_status);
  draw_faults();
  draw_losses();
  draw_commands();
  draw_reloads();
  if (happens(0.3))
    act(between(8s, script_.safety), "revert an advance", &House::revert_an_advance);
  if (happens(0.15))
    act(between(5s, script_.safety), "a revert, and a power cut at its answer",
        &House::revert_and_cut_power);
  std::stable_sort(script_.acts.begin(), script_.acts.end(),
                   [](const Act& a, const Act& b) { return a.at < b.at; });
  return std::move(script_);
}

}  // namespace

Script draw_script(std::uint64_t seed) {
  return Drawing(seed).draw();
}

}  // namespace readback::simulation
