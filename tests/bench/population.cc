// How soon real notes alone tell that they are lost, where no journey covers the loss: the demo's
// application with the fault lost-when-document-shared, and what the population watch makes of the
// lengths of its notes. A practitioner finishes visits as they come, four an hour; a treated one's
// note is blank if a document was shared in the visit, and any note with the chance of natural
// blanks, which differs from one practitioner to the next or not. Beside the rules of the watch
// the plainest one, all of the first two notes: it is what the others are measured against.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "guard/evidence/population.h"

namespace readback::guard {
namespace {

struct Options {
  std::uint64_t seeds = 200;
  std::uint64_t from = 1;
  unsigned treated = 30;
  unsigned practitioners = 2'308;  // of whom 1.3 %, the demo's first step, are 30
  double visits_an_hour = 4;
  double natural = 0.01;
  double hours = 40;
};

// A row of the table.
struct Case {
  const char* name;
  double documents;       // share of visits in which one is shared
  double alike;           // intra-class correlation of natural blanks; 0: they do not differ
  bool is_plain = false;  // all of the first two notes, alone
};
constexpr Case kCases[] = {
    {"a document in half of the visits", 0.5, 0},
    {"the same, practitioners differ", 0.5, 0.1},
    {"the same, by all of the first two notes alone", 0.5, 0, true},
    {"a document in a tenth of the visits", 0.1, 0},
    {"the same, practitioners differ", 0.1, 0.1},
    {"the same, by all of the first two notes alone", 0.1, 0, true},
    {"no fault", 0, 0},
    {"the same, practitioners differ", 0, 0.1},
};

// Hours until it paused and until it reverted, if ever.
struct Ended {
  std::optional<double> paused;
  std::optional<double> reverted;
};

double draw_beta(std::mt19937_64& random, double mean, double alike) {
  if (alike <= 0) return mean;
  const double both = 1 / alike - 1;
  std::gamma_distribution<double> one(mean * both, 1), other((1 - mean) * both, 1);
  const double x = one(random);
  const double sum = x + other(random);
  return sum > 0 ? x / sum : mean;
}

Ended play(const Options& options, const Case& one, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::map<std::string, bool> cohort;
  std::vector<std::string> names;
  std::vector<double> natural;
  for (unsigned i = 0; i < options.practitioners; ++i) {
    names.push_back("practitioner-" + std::to_string(i));
    cohort[names.back()] = i < options.treated;
    natural.push_back(draw_beta(random, options.natural, one.alike));
  }
  PopulationOptions rule;
  if (one.is_plain) rule.rules = {{2, 2}};
  Population population(rule, cohort);
  // Visits of all practitioners together are as random as each one's.
  constexpr double kMinute = 1.0 / 60;
  std::poisson_distribution<unsigned> visits(options.practitioners * options.visits_an_hour *
                                             kMinute);
  std::uniform_int_distribution<unsigned> writer(0, options.practitioners - 1);
  std::uniform_real_distribution<double> share;
  Ended ended;
  for (double hour = 0; hour < options.hours && !ended.reverted; hour += kMinute) {
    std::vector<FinishedNote> notes(visits(random));
    for (FinishedNote& note : notes) {
      const unsigned who = writer(random);
      const bool is_lost = who < options.treated && share(random) < one.documents;
      const bool is_blank = is_lost || share(random) < natural[who];
      note.practitioner = names[who];
      note.stored = is_blank ? 0 : 200;
    }
    population.take(notes);
    if (population.finding() != PopulationFinding::none && !ended.paused)
      ended.paused = hour + kMinute;
    if (population.finding() == PopulationFinding::lost) ended.reverted = hour + kMinute;
  }
  return ended;
}

std::string quantile(std::vector<double> times, double share) {
  if (times.empty()) return "-";
  std::sort(times.begin(), times.end());
  const auto at = static_cast<std::size_t>(share * static_cast<double>(times.size() - 1));
  char text[32];
  std::snprintf(text, sizeof text, "%.2f h", times[at]);
  return text;
}

void print(const char* what, const std::vector<double>& times, const Options& options) {
  const double never = 1 - static_cast<double>(times.size()) / static_cast<double>(options.seeds);
  std::printf("  %-8s median %-9s 90 %% of those that do %-9s never in %.0f h: %.1f %%\n", what,
              quantile(times, 0.5).c_str(), quantile(times, 0.9).c_str(), options.hours,
              100 * never);
}

}  // namespace
}  // namespace readback::guard

int main(int argument_count, char** arguments) {
  using namespace readback::guard;
  Options options;
  CLI::App app("How soon real notes alone tell that they are lost");
  app.add_option("--seeds", options.seeds)->capture_default_str();
  app.add_option("--from", options.from)->capture_default_str();
  app.add_option("--treated", options.treated, "practitioners")->capture_default_str();
  app.add_option("--practitioners", options.practitioners)->capture_default_str();
  app.add_option("--visits", options.visits_an_hour, "an hour, of each")->capture_default_str();
  app.add_option("--natural", options.natural, "share of blank notes")->capture_default_str();
  app.add_option("--hours", options.hours, "after which it is never")->capture_default_str();
  CLI11_PARSE(app, argument_count, arguments);
  std::printf(
      "%u of %u practitioners exposed, %.3g visits an hour, %.3g %% natural blanks, "
      "%llu seeds\n",
      options.treated, options.practitioners, options.visits_an_hour, 100 * options.natural,
      static_cast<unsigned long long>(options.seeds));
  for (const Case& one : kCases) {
    std::vector<double> paused, reverted;
    for (std::uint64_t seed = options.from; seed < options.from + options.seeds; ++seed) {
      const Ended ended = play(options, one, seed);
      if (ended.paused) paused.push_back(*ended.paused);
      if (ended.reverted) reverted.push_back(*ended.reverted);
    }
    std::printf("%s\n", one.name);
    print("pause", paused, options);
    print("revert", reverted, options);
    std::fflush(stdout);
  }
  return 0;
}
