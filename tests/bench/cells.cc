#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <sstream>

#include "guard/evidence/block_process.h"
#include "guard/evidence/loss_stream.h"
#include "tests/bench/measure.h"
#include "tests/bench/oracles.h"

// Rows 3 and 4: 100 cells, as 5 fields in 5 payload classes by 4 paths, with the shares and pools
// of the product and one probe at a time. After a failure every other probe goes to the suspect
// cells, in turn.

namespace readback::bench {
namespace {

using guard::LossStream;
using guard::LossTerms;
using guard::StreamGroup;

constexpr unsigned kCells = 100;
constexpr std::array kGroups{StreamGroup::cell, StreamGroup::all, StreamGroup::field,
                             StreamGroup::payload_class, StreamGroup::path};
constexpr unsigned kOksToClear = 3'000;

unsigned place_in(StreamGroup group, unsigned cell) {
  switch (group) {
    case StreamGroup::cell:
      return cell;
    case StreamGroup::field:
      return cell % 5;
    case StreamGroup::payload_class:
      return cell / 5 % 5;
    case StreamGroup::path:
      return cell / 25;
    default:
      return 0;
  }
}

class Rollout {
 public:
  Rollout(const LossTerms& terms, std::mt19937_64& random, unsigned healthy_rounds)
      : terms_(terms) {
    std::iota(order_.begin(), order_.end(), 0U);
    std::shuffle(order_.begin(), order_.end(), random);
    for (std::size_t g = 0; g < kGroups.size(); ++g)
      for (const unsigned cell : order_) {
        const unsigned place = place_in(kGroups[g], cell);
        probes_[g][place] += healthy_rounds;
        index_[g].try_emplace(place, index_[g].size());
      }
    next_ = static_cast<unsigned>(random() % kCells) * (healthy_rounds > 0 ? 1U : 0U);
  }

  unsigned next_cell() {
    is_for_suspect_ = !is_for_suspect_ && !suspects_.empty();
    if (!is_for_suspect_) return order_[next_++ % kCells];
    turn_ = (turn_ + 1) % suspects_.size();
    return suspects_[turn_].cell;
  }

  void take(unsigned cell, bool has_failed) {
    for (std::size_t g = 0; g < kGroups.size(); ++g) ++probes_[g][place_in(kGroups[g], cell)];
    const auto suspect = std::find_if(suspects_.begin(), suspects_.end(),
                                      [cell](const Suspect& one) { return one.cell == cell; });
    if (!has_failed) {
      if (suspect != suspects_.end() && ++suspect->oks >= kOksToClear) suspects_.erase(suspect);
      return;
    }
    if (suspect == suspects_.end()) {
      suspects_.push_back({cell, 0});
      is_for_suspect_ = false;
    } else {
      suspect->oks = 0;
    }
    for (std::size_t g = 0; g < kGroups.size(); ++g) fail(g, place_in(kGroups[g], cell));
    blocks_.add(4, 1, true);
  }

  bool has_crossed() const { return has_crossed_; }
  bool is_blamed() const { return blocks_.crosses(); }

 private:
  struct Suspect {
    unsigned cell;
    unsigned oks;
  };
  struct Stream {
    LossStream stream;
    std::uint64_t taken = 0;
  };

  // A stream without a failure is only a count.
  void fail(std::size_t g, unsigned place) {
    const auto [found, is_new] = streams_.try_emplace(
        {g, place}, Stream{LossStream(terms_, kGroups[g], index_[g].at(place), std::string()), 0});
    Stream& it = found->second;
    it.stream.oks(terms_, 1, probes_[g][place] - it.taken - 1);
    it.stream.fail(terms_, 1, 1);
    it.stream.take_journal();
    it.taken = probes_[g][place];
    has_crossed_ = has_crossed_ || it.stream.crossing().has_value();
  }

  const LossTerms& terms_;
  std::array<unsigned, kCells> order_{};
  std::array<std::array<std::uint64_t, kCells>, kGroups.size()> probes_{};
  std::array<std::map<unsigned, std::size_t>, kGroups.size()> index_;
  std::map<std::pair<std::size_t, unsigned>, Stream> streams_;
  std::vector<Suspect> suspects_;
  guard::BlockProcess blocks_;
  std::size_t turn_ = 0;
  unsigned next_ = 0;
  bool is_for_suspect_ = false;
  bool has_crossed_ = false;
};

Row one_lossy(const LossTerms& terms, double p, unsigned healthy_rounds, const Options& options) {
  Ratio alone, with_blame;
  const double first = kCells / p - kCells / 2.0;
  for (std::uint64_t seed = options.from; seed < options.from + options.seeds; ++seed) {
    std::mt19937_64 random(seed);
    Rollout rollout(terms, random, healthy_rounds);
    const auto lossy = static_cast<unsigned>(random() % kCells);
    double probes = 0, crossed = 0, failed = 0;
    while (crossed == 0 || !rollout.is_blamed()) {
      const unsigned cell = rollout.next_cell();
      const bool has_failed = cell == lossy && (p >= 1 || uniform(random) < p);
      ++probes;
      if (failed == 0 && has_failed) failed = probes;
      rollout.take(cell, has_failed);
      if (crossed == 0 && rollout.has_crossed()) crossed = probes;
    }
    // The mean of the first failure is known, so its own spread need not be waited for.
    alone.add(crossed - failed + first + 0.5, first);
    with_blame.add(probes - failed + first + 0.5, first);
  }
  std::ostringstream what;
  what << (healthy_rounds > 0 ? "after 100000 healthy, " : "fresh, ") << "p = " << p;
  return {.row = 3,
          .what = what.str(),
          .goal = 1.10,
          .measured = alone.ratio(),
          .upper99 = alone.upper99(),
          .with_blame = with_blame.ratio(),
          .is_met = alone.upper99() <= 1.10};
}

}  // namespace

std::vector<Row> one_cell_of_many(const Options& options) {
  const LossTerms terms(guard::default_loss_parameters(1e-6));
  std::vector<Row> rows;
  for (const unsigned healthy_rounds : {0U, 1'000U})
    for (const double p : {1.0, 0.1, 0.01})
      rows.push_back(one_lossy(terms, p, healthy_rounds, options));
  return rows;
}

std::vector<Row> loss_in_all_cells(const Options& options) {
  constexpr double kRate = 0.001;
  const LossTerms terms(guard::default_loss_parameters(1e-6));
  Ratio alone, with_blame;
  for (std::uint64_t seed = options.from; seed < options.from + options.seeds; ++seed) {
    std::mt19937_64 random(seed);
    Rollout rollout(terms, random, 0);
    Gaps gaps(kRate, ~seed);
    Sprt oracle(kRate, 1e-6, 1e-6);
    double probes = 0, crossed = 0, stopped = 0;
    while (crossed == 0 || stopped == 0 || !rollout.is_blamed()) {
      const std::uint64_t oks = gaps.next();
      for (std::uint64_t i = 0; i < oks; ++i) rollout.take(rollout.next_cell(), false);
      rollout.take(rollout.next_cell(), true);
      probes += static_cast<double>(oks) + 1;
      if (stopped == 0 && oracle.fails_after(oks)) stopped = probes;
      if (crossed == 0 && rollout.has_crossed()) crossed = probes;
    }
    alone.add(crossed, stopped);
    with_blame.add(probes, stopped);
  }
  return {{.row = 4,
           .what = "p = 0.001 in each of 100 cells",
           .goal = 1.10,
           .measured = alone.ratio(),
           .upper99 = alone.upper99(),
           .with_blame = with_blame.ratio(),
           .is_met = alone.upper99() <= 1.10}};
}

}  // namespace readback::bench
