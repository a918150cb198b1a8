#include <cmath>
#include <sstream>

#include "guard/evidence/block_process.h"
#include "guard/evidence/loss_stream.h"
#include "tests/bench/measure.h"
#include "tests/bench/oracles.h"

// Rows 1, 2 and 5: one stream, which has the whole budget, against a test that is told p.

namespace readback::bench {
namespace {

using guard::LossStream;
using guard::LossTerms;
using guard::StreamGroup;

constexpr unsigned kControls = 3;

guard::LossParameters whole_budget(double p0) {
  guard::LossParameters parameters = guard::default_loss_parameters(p0);
  parameters.shares = {.cell = 0, .all = 1, .field = 0, .payload_class = 0, .path = 0};
  return parameters;
}

LossStream fresh(const LossTerms& terms) {
  return {terms, StreamGroup::all, 0, "all"};
}

// Probes until each has stopped.
struct Stops {
  double absolute = 0;
  double oracle = 0;
  double with_blame = 0;  // the absolute test and the block process
};

template <class Oracle>
Stops run(const LossTerms& terms, LossStream stream, Oracle oracle, double p, std::uint64_t seed) {
  Gaps gaps(p, seed);
  std::mt19937_64 controls(~seed);
  guard::BlockProcess process;
  Stops stops;
  std::uint64_t probes = 0;
  const double p0 = terms.parameters().p0;
  while (stops.absolute == 0 || stops.oracle == 0 || stops.with_blame == 0) {
    const std::uint64_t oks = gaps.next();
    probes += oks + 1;
    stream.oks(terms, 1, oks);
    stream.fail(terms, 1, 1);
    stream.take_journal();
    unsigned failed = 1;  // Blocks in which only a control fails are left out: at most p0 of them.
    for (unsigned i = 0; i < kControls; ++i) failed += uniform(controls) < p0;
    process.add(kControls + 1, failed, true);
    const auto now = static_cast<double>(probes);
    if (stops.absolute == 0 && stream.crossing()) stops.absolute = now;
    if (stops.oracle == 0 && oracle.fails_after(oks)) stops.oracle = now;
    if (stops.with_blame == 0 && stream.crossing() && process.crosses()) stops.with_blame = now;
  }
  return stops;
}

template <class Oracle>
Row compare(int row, const std::string& what, double goal, const LossTerms& terms,
            const LossStream& stream, const Oracle& oracle, double p, const Options& options) {
  Ratio alone, with_blame;
  for (std::uint64_t i = 0; i < options.seeds; ++i) {
    const Stops stops = run(terms, stream, oracle, p, options.from + i);
    alone.add(stops.absolute, stops.oracle);
    with_blame.add(stops.with_blame, stops.oracle);
  }
  return {.row = row,
          .what = what,
          .goal = goal,
          .measured = alone.ratio(),
          .upper99 = alone.upper99(),
          .with_blame = with_blame.ratio(),
          .is_met = alone.upper99() <= goal};
}

std::string with_p(const std::string& what, double p) {
  std::ostringstream text;
  text << what << "p = " << p;
  return text.str();
}

// How many probes a total loss takes: a number, no ratio.
Row total_loss(int row, const std::string& what, double goal, const LossTerms& terms,
               LossStream stream) {
  guard::BlockProcess process;
  double probes = 0, absolute = 0;
  while (!stream.crossing() || !process.crosses()) {
    ++probes;
    stream.fail(terms, 1, 1);
    process.add(kControls + 1, 1, true);
    if (absolute == 0 && stream.crossing()) absolute = probes;
  }
  return {.row = row,
          .what = what + "p = 1, probes",
          .goal = goal,
          .measured = absolute,
          .upper99 = absolute,
          .with_blame = probes,
          .is_met = absolute <= goal};
}

}  // namespace

std::vector<Row> one_cell_from_start(const Options& options) {
  const LossTerms terms(whole_budget(1e-6));
  std::vector<Row> rows{total_loss(1, "", 2, terms, fresh(terms))};
  for (const double p : {0.5, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001})
    rows.push_back(
        compare(1, with_p("", p), 1.02, terms, fresh(terms), Sprt(p, 1e-6, 1e-6), p, options));
  return rows;
}

std::vector<Row> one_cell_after_health(const Options& options) {
  const LossTerms terms(whole_budget(1e-6));
  std::vector<Row> rows;
  for (const std::uint64_t healthy : {100U, 1'000U, 10'000U, 100'000U, 1'000'000U}) {
    LossStream stream = fresh(terms);
    stream.oks(terms, 1, healthy);
    stream.take_journal();
    const std::string what = "after " + std::to_string(healthy) + ", ";
    rows.push_back(total_loss(2, what, 3, terms, stream));
    for (const double p : {0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001})
      rows.push_back(compare(2, with_p(what, p), 1.15, terms, stream,
                             Cusum(p, 1e-6, 1e-6, 1'000'000), p, options));
  }
  return rows;
}

std::vector<Row> noisy_platform(const Options& options) {
  std::vector<Row> rows;
  for (const double p0 : {1e-4, 1e-3}) {
    const LossTerms terms(whole_budget(p0));
    for (const double times : {5.0, 10.0, 20.0, 50.0, 100.0, 500.0}) {
      std::ostringstream what;
      what << "p0 = " << p0 << ", p = " << times * p0;
      rows.push_back(compare(5, what.str(), 1.15, terms, fresh(terms), Sprt(times * p0, p0, 1e-6),
                             times * p0, options));
    }
  }
  return rows;
}

}  // namespace readback::bench
