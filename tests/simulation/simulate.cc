// Plays many seeds: simulate --seeds N --from S [--plant NAME] [--seed N] [--threads N].
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/simulation/partial.h"
#include "tests/simulation/trial.h"

namespace readback::simulation {
namespace {

struct Options {
  std::uint64_t from = 0;
  std::uint64_t seeds = 1'000;
  std::optional<std::uint64_t> seed;  // one alone, told event by event
  unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  std::string plant;
  bool all_plants = false;
  bool goes_on = false;
  std::uint64_t twice = 0;
  std::uint64_t partial = 0;
};

struct Totals {
  std::uint64_t seeds = 0;
  std::uint64_t steps = 0;
  std::uint64_t uses = 0;
  std::uint64_t latched = 0;
  std::vector<std::uint64_t> reached = std::vector<std::uint64_t>(3);
  Duration virtual_time{};
  std::vector<std::pair<std::uint64_t, std::string>> broken;  // by seed
};

void add(Totals& totals, std::uint64_t seed, const Verdict& verdict) {
  ++totals.seeds;
  totals.steps += verdict.steps;
  totals.uses += verdict.uses;
  totals.latched += verdict.is_latched;
  ++totals.reached[verdict.step];
  totals.virtual_time += verdict.virtual_time;
  if (!verdict.broken.empty()) totals.broken.emplace_back(seed, verdict.broken);
}

// Until all are played, or, unless it goes on, the first is broken.
Totals play(const Options& options, std::uint64_t from, std::uint64_t count, Plant plant) {
  Totals totals;
  std::mutex mutex;
  std::atomic<std::uint64_t> next = from;
  std::atomic<bool> is_over = false;
  const auto work = [&] {
    for (std::uint64_t seed = next++; seed < from + count && !is_over; seed = next++) {
      const Verdict verdict = try_seed(seed, plant);
      const std::lock_guard lock(mutex);
      add(totals, seed, verdict);
      if (!verdict.broken.empty() && !options.goes_on) is_over = true;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < options.threads; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  std::sort(totals.broken.begin(), totals.broken.end());
  return totals;
}

void print(const Totals& totals, std::chrono::duration<double> took) {
  std::cout << totals.seeds << " seeds in " << took.count()
            << " s: " << static_cast<double>(totals.seeds) / took.count() << " seeds per second, "
            << std::chrono::duration<double, std::ratio<3600>>(totals.virtual_time).count()
            << " hours of virtual time, " << totals.steps << " events, " << totals.uses
            << " uses of treatment; widest step 1: " << totals.reached[0]
            << ", 2: " << totals.reached[1] << ", 3: " << totals.reached[2]
            << "; latched at the end: " << totals.latched << "\n";
}

int play_all(const Options& options) {
  const auto begun = std::chrono::steady_clock::now();
  const Totals totals = play(options, options.from, options.seeds, Plant::none);
  print(totals, std::chrono::steady_clock::now() - begun);
  for (const auto& [seed, why] : totals.broken) std::cout << "BROKEN: " << why << "\n";
  return totals.broken.empty() ? 0 : 1;
}

// Each planted bug must be caught by one of the seeds.
int play_plants(const Options& options) {
  int missed = 0;
  for (const NamedPlant& each : kPlants) {
    if (!options.plant.empty() && options.plant != each.name) continue;
    const Totals totals = play(options, options.from, options.seeds, each.plant);
    if (totals.broken.empty()) {
      std::cout << each.name << ": NOT CAUGHT in " << totals.seeds << " seeds" << std::endl;
      ++missed;
      continue;
    }
    const auto& [seed, why] = totals.broken.front();
    std::cout << each.name << ": caught by seed " << seed << ": "
              << why.substr(0, why.find("; seed")) << std::endl;
  }
  return missed == 0 ? 0 : 1;
}

Plant plant_named(const std::string& name) {
  for (const NamedPlant& each : kPlants)
    if (each.name == name) return each.plant;
  return Plant::none;
}

// The same seed must be the same run, event by event.
int play_twice(const Options& options) {
  int differ = 0;
  for (std::uint64_t seed = options.from; seed < options.from + options.twice; ++seed) {
    if (try_seed(seed).trace == try_seed(seed).trace) continue;
    std::cout << "seed " << seed << " is not the same run twice\n";
    ++differ;
  }
  std::cout << options.twice << " seeds played twice, " << differ << " differ\n";
  return differ == 0 ? 0 : 1;
}

// How soon a loss of three writes in ten is seen; worked out: a round of both journeys every 3.6 s
// misses it with a chance of 0.49, so that one in a hundred takes seven of them and a read.
int play_partial(const Options& options) {
  constexpr Duration kStated = std::chrono::seconds(32);
  std::vector<Duration> delays;
  for (std::uint64_t seed = options.from; seed < options.from + options.partial; ++seed)
    delays.push_back(partial_loss_delay(seed, "lose-fraction:0.3", 3 * kStated));
  const auto seconds = [&](double share) {
    return std::chrono::duration<double>(percentile(delays, share)).count();
  };
  std::cout << "lose-fraction:0.3 ends exposure after " << seconds(0.5) << " s (median), "
            << seconds(0.95) << " s (95 %), " << seconds(0.99) << " s (99 %) of " << delays.size()
            << " seeds\n";
  return percentile(delays, 0.99) <= kStated ? 0 : 1;
}

int play_one(const Options& options) {
  const Verdict verdict = try_seed(*options.seed, plant_named(options.plant), true);
  std::cout << "trace " << std::hex << verdict.trace << std::dec << ", " << verdict.steps
            << " events\n"
            << (verdict.broken.empty() ? "nothing is broken" : "BROKEN: " + verdict.broken) << "\n";
  return verdict.broken.empty() ? 0 : 1;
}

}  // namespace
}  // namespace readback::simulation

int main(int argc, char** argv) {
  using namespace readback::simulation;
  CLI::App app("Plays the guard in a simulated world, seed by seed, and checks what must hold.");
  Options options;
  app.add_option("--from", options.from, "the first seed")->capture_default_str();
  app.add_option("--seeds", options.seeds, "how many")->capture_default_str();
  app.add_option("--seed", options.seed, "play this one alone, and tell what happens");
  app.add_option("--threads", options.threads, "how many at once")->capture_default_str();
  app.add_option("--plant", options.plant, "play with this planted bug, until it is caught");
  app.add_flag("--plants", options.all_plants, "play each planted bug until it is caught");
  app.add_flag("--go-on", options.goes_on, "play all seeds, though one is broken");
  app.add_option("--twice", options.twice, "play so many twice, and compare their traces");
  app.add_option("--partial", options.partial, "how soon a partial loss is seen, in so many");
  CLI11_PARSE(app, argc, argv);
  if (options.seed) return play_one(options);
  if (options.partial > 0) return play_partial(options);
  if (options.twice > 0) return play_twice(options);
  if (options.all_plants || !options.plant.empty()) return play_plants(options);
  return play_all(options);
}
