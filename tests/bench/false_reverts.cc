#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <sstream>

#include "guard/evidence/log_sum.h"
#include "guard/evidence/loss_stream.h"
#include "tests/bench/measure.h"

// Row 7: how often a flag that does nothing is ever reverted, within the horizon. 100 cells that
// fail together: a write of one of 5 payload classes has 5 fields, each read by 4 paths. A read, a
// field, a path or the whole write is lost, so often that each read is at p0: seven tenths by
// itself, a tenth each other way.
//
// Small chances are measured under another law, Q, and weighted back by the likelihood ratio: one
// of the streams, drawn by its share, is hit more often from some time on, as the restart mixture
// has it. So Q's ratio to the null is a weighted sum of restart mixtures over how often streams are
// hit.

namespace readback::bench {
namespace {

using guard::LossStream;
using guard::LossTerms;
using guard::MixtureTerms;
using guard::RestartMixture;
using guard::StreamGroup;

constexpr unsigned kFields = 5, kClasses = 5, kPaths = 4;
constexpr std::uint64_t kHorizon = 1'000'000;
constexpr std::uint64_t kWrites = kHorizon / (kFields * kPaths);
constexpr std::array kGroups{StreamGroup::cell, StreamGroup::all, StreamGroup::field,
                             StreamGroup::payload_class, StreamGroup::path};
constexpr unsigned kAny = 1'000;  // every field, or every path

// What is lost of a write.
struct Loss {
  unsigned field = kAny;
  unsigned path = kAny;
  // Of the reads' p0, what comes this way.
  double part() const { return field == kAny || path == kAny ? 0.1 : 0.7; }
};

// What a stream sees: its group, and which field, class and path it is of.
struct Key {
  std::size_t group = 0;
  unsigned field = kAny;
  unsigned payload_class = kAny;
  unsigned path = kAny;
  friend auto operator<=>(const Key&, const Key&) = default;
  unsigned reads() const { return (field == kAny ? kFields : 1) * (path == kAny ? kPaths : 1); }
  bool takes(unsigned write) const {
    return payload_class == kAny || write % kClasses == payload_class;
  }
  // Its batches among the first `writes`.
  std::uint64_t batches(std::uint64_t writes) const {
    return payload_class == kAny ? writes : (writes + kClasses - 1 - payload_class) / kClasses;
  }
  unsigned lost(const Loss& loss) const {
    const auto part = [](unsigned mine, unsigned lost, unsigned all) {
      return lost == kAny ? (mine == kAny ? all : 1) : (mine == kAny || mine == lost ? 1U : 0U);
    };
    return part(field, loss.field, kFields) * part(path, loss.path, kPaths);
  }
};

std::vector<Key> all_keys() {
  std::vector<Key> keys;
  for (unsigned c = 0; c < kClasses; ++c)
    for (unsigned f = 0; f < kFields; ++f)
      for (unsigned p = 0; p < kPaths; ++p) keys.push_back({0, f, c, p});
  keys.push_back({1});
  for (unsigned f = 0; f < kFields; ++f) keys.push_back({2, f});
  for (unsigned c = 0; c < kClasses; ++c) keys.push_back({3, kAny, c});
  for (unsigned p = 0; p < kPaths; ++p) keys.push_back({4, kAny, kAny, p});
  return keys;
}

// The rates at which the kinds of loss hit a write: single reads, fields, paths, whole writes.
std::vector<Loss> all_losses() {
  std::vector<Loss> losses;
  for (unsigned f = 0; f <= kFields; ++f)
    for (unsigned p = 0; p <= kPaths; ++p)
      losses.push_back({f == kFields ? kAny : f, p == kPaths ? kAny : p});
  return losses;
}

class World {
 public:
  World(double p0, double alpha)
      : p0_(p0), terms_(guard::default_loss_parameters(p0, alpha, kHorizon)), keys_(all_keys()) {
    std::map<std::size_t, std::size_t> index;
    for (const Key& key : keys_) index_.push_back(index[key.group]++);
    for (const Key& key : keys_) {
      std::vector<Loss> hits;
      for (const Loss& loss : losses_)
        if (key.lost(loss) > 0) hits.push_back(loss);
      parts_.push_back(parts_of(hits));
      rates_.push_back(p0 * sum_of(parts_.back()));
      hits_.push_back(std::move(hits));
      shares_.push_back(terms_.share(kGroups[key.group]) /
                        static_cast<double>(index.at(key.group)));
    }
    for (std::size_t s = 0; s < keys_.size(); ++s) {
      if (proposals_.contains(proposal(s))) continue;
      guard::MixtureParameters parameters;
      parameters.p0 = rates_[s];
      parameters.boost = false;
      parameters.spending.horizon = keys_[s].batches(kWrites);
      proposals_.emplace(proposal(s), MixtureTerms(parameters));
    }
  }

  // The weight of one seed drawn from the null (is_tilted false) or from Q: 0 if nothing crossed.
  double run(std::uint64_t seed, bool is_tilted) {
    random_.seed(seed);
    streams_.clear();
    const std::size_t tilted = is_tilted ? draw(shares_) : 0;
    std::uint64_t begins = kWrites;  // in writes
    double rate = 0;
    if (is_tilted) draw_tilt(tilted, begins, rate);
    for (std::uint64_t write = 0; write < kWrites;) {
      const bool is_on = write >= begins;
      const double other = p0_ * sum_of(all_parts_);
      std::uint64_t next = write + gap(other);
      bool is_hit = false;
      if (is_on) {
        const std::uint64_t hit = nth_taken(keys_[tilted], write, gap(rate));
        is_hit = hit <= next;
        next = std::min(next, hit);
      } else if (next >= begins && begins < kWrites) {
        write = begins;
        continue;
      }
      if (next >= kWrites) break;
      const Loss loss = is_hit ? hits_[tilted][draw(parts_[tilted])] : losses_[draw(all_parts_)];
      // A loss that hits the tilted stream comes at the tilted rate only.
      if (is_on && !is_hit && keys_[tilted].takes(static_cast<unsigned>(next)) &&
          keys_[tilted].lost(loss) > 0) {
        write = next + 1;
        continue;
      }
      if (take(next, loss)) return is_tilted ? 1 / likelihood(next + 1) : 1;
      write = next + 1;
    }
    return 0;
  }

 private:
  struct Stream {
    LossStream stream;
    RestartMixture hits;
    std::uint64_t batches = 0;
  };
  using Proposal = std::pair<double, std::uint64_t>;

  Proposal proposal(std::size_t s) const { return {rates_[s], keys_[s].batches(kWrites)}; }

  std::uint64_t gap(double rate) {
    if (rate >= 1) return 0;
    return static_cast<std::uint64_t>(
        std::min(1e15, std::log(uniform(random_)) / std::log1p(-rate)));
  }

  static std::vector<double> parts_of(const std::vector<Loss>& losses) {
    std::vector<double> parts;
    for (const Loss& loss : losses) parts.push_back(loss.part());
    return parts;
  }

  static double sum_of(const std::vector<double>& parts) {
    return std::accumulate(parts.begin(), parts.end(), 0.0);
  }

  std::size_t draw(const std::vector<double>& shares) {
    double left = uniform(random_) * sum_of(shares);
    for (std::size_t i = 0; i < shares.size(); ++i)
      if ((left -= shares[i]) < 0) return i;
    return shares.size() - 1;
  }

  // The write that is the stream's batch after `more` others from `write` on.
  static std::uint64_t nth_taken(const Key& key, std::uint64_t write, std::uint64_t more) {
    if (key.payload_class == kAny) return write + more;
    while (!key.takes(static_cast<unsigned>(write))) ++write;
    return write + more * kClasses;
  }

  void draw_tilt(std::size_t s, std::uint64_t& begins, double& rate) {
    const MixtureTerms& terms = proposals_.at(proposal(s));
    const guard::Spending& spending = terms.parameters().spending;
    const double when = uniform(random_);
    if (when < spending.at_start) {
      begins = 0;
    } else if (when < spending.at_start + spending.evenly) {
      const auto batch =
          static_cast<std::uint64_t>(uniform(random_) * static_cast<double>(spending.horizon));
      begins = nth_taken(keys_[s], 0, batch);
    }
    std::vector<double> weights;
    for (const auto& point : terms.points()) weights.push_back(point.weight);
    rate = terms.parameters().grid[draw(weights)];
  }

  // Whether some stream crosses.
  bool take(std::uint64_t write, const Loss& loss) {
    bool has_crossed = false;
    for (std::size_t s = 0; s < keys_.size(); ++s) {
      const Key& key = keys_[s];
      const unsigned lost = key.takes(static_cast<unsigned>(write)) ? key.lost(loss) : 0;
      if (lost == 0) continue;
      const MixtureTerms& terms = proposals_.at(proposal(s));
      const auto [found, is_new] = streams_.try_emplace(
          s, Stream{LossStream(terms_, kGroups[key.group], index_[s], std::string()),
                    RestartMixture(terms, 1e9), 0});
      Stream& it = found->second;
      const std::uint64_t oks = key.batches(write) - it.batches;
      it.stream.oks(terms_, key.reads(), oks);
      it.stream.fail(terms_, key.reads(), lost);
      it.stream.take_journal();
      it.hits.oks(terms, oks);
      it.hits.fail(terms);
      it.batches = key.batches(write + 1);
      has_crossed = has_crossed || it.stream.crossing().has_value();
    }
    return has_crossed;
  }

  // Of Q to the null, of the first `writes`.
  double likelihood(std::uint64_t writes) {
    double sum = 0;
    std::map<Proposal, double> untouched;
    for (std::size_t s = 0; s < keys_.size(); ++s) {
      const MixtureTerms& terms = proposals_.at(proposal(s));
      const auto found = streams_.find(s);
      const std::uint64_t batches = keys_[s].batches(writes);
      if (found != streams_.end()) {
        RestartMixture hits = found->second.hits;
        hits.oks(terms, batches - found->second.batches);
        sum += shares_[s] * std::exp(hits.log_e(terms));
        continue;
      }
      RestartMixture none(terms, 1e9);
      none.oks(terms, batches);
      const auto [it, is_new] = untouched.try_emplace({rates_[s], batches}, 0);
      if (is_new) it->second = std::exp(none.log_e(terms));
      sum += shares_[s] * it->second;
    }
    return sum;
  }

  double p0_;
  LossTerms terms_;
  std::vector<Key> keys_;
  std::vector<Loss> losses_ = all_losses();
  std::vector<std::size_t> index_;
  std::vector<double> all_parts_ = parts_of(losses_);
  std::vector<std::vector<double>> parts_;  // of what hits a stream
  std::vector<double> rates_;
  std::vector<double> shares_;
  std::vector<std::vector<Loss>> hits_;
  std::map<Proposal, MixtureTerms> proposals_;
  std::map<std::size_t, Stream> streams_;
  std::mt19937_64 random_;
};

std::string words(const char* how, double alpha, double p0) {
  std::ostringstream text;
  text << how << ", alpha " << alpha << ", p0 " << p0;
  return text.str();
}

Row by_seeds(const Options& options, double alpha, double p0, double divided_by) {
  World world(p0, alpha * divided_by);
  std::uint64_t reverted = 0;
  for (std::uint64_t i = 0; i < options.seeds; ++i)
    reverted += world.run(options.from + i, false) > 0;
  const double upper = upper99_of_chance(reverted, options.seeds);
  const bool is_planted = divided_by > 1;
  return {
      .row = 7,
      .what = words(is_planted ? "planted: threshold / 10" : "by seeds", alpha, p0),
      .goal = alpha,
      .measured = static_cast<double>(reverted) / static_cast<double>(options.seeds),
      .upper99 = upper,
      .is_met = is_planted ? lower99_of_chance(reverted, options.seeds) > alpha : upper <= alpha};
}

Row by_importance(const Options& options, double alpha, double p0, double divided_by) {
  World world(p0, alpha * divided_by);
  double sum = 0, squares = 0;
  for (std::uint64_t i = 0; i < options.seeds; ++i) {
    const double weight = world.run(options.from + i, true);
    sum += weight;
    squares += weight * weight;
  }
  const auto count = static_cast<double>(options.seeds);
  const double mean = sum / count;
  const double error = std::sqrt((squares / count - mean * mean) / count);
  const bool is_planted = divided_by > 1;
  return {
      .row = 7,
      .what = words(is_planted ? "planted: threshold / 10" : "by importance", alpha, p0),
      .goal = alpha,
      .measured = mean,
      .upper99 = mean + kNormal99 * error,
      .is_met = is_planted ? mean - kNormal99 * error > alpha : mean + kNormal99 * error <= alpha};
}

}  // namespace

std::vector<Row> false_reverts(const Options& options) {
  std::vector<Row> rows;
  for (const double alpha : {1e-2, 1e-3})
    for (const double divided_by : {1.0, 10.0})
      rows.push_back(by_seeds(options, alpha, 1e-5, divided_by));
  for (const double alpha : {1e-3, 1e-6})
    for (const double divided_by : {1.0, 10.0})
      rows.push_back(by_importance(options, alpha, 1e-5, divided_by));
  return rows;
}

}  // namespace readback::bench
