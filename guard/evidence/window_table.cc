#include "guard/evidence/window_table.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cassert>

namespace readback::guard {
namespace {

using Json = nlohmann::json;
// In double throughout: a table is sought by bisection, and 80-bit arithmetic is most of its time.
using Policy = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
using Binomial = boost::math::binomial_distribution<double, Policy>;

// The most n in [least, most] with chance(n) <= level, which grows with n; 0 if there is none.
template <class Chance>
std::uint64_t most_within(std::uint64_t least, std::uint64_t most, double level,
                          const Chance& chance) {
  if (least > most || chance(least) > level) return 0;
  std::uint64_t in = least, over = most + 1;
  for (std::uint64_t next = 2 * in; next < over && over == most + 1; next *= 2) {
    if (chance(next) <= level)
      in = next;
    else
      over = next;
  }
  while (in + 1 < over) {
    const std::uint64_t middle = in + (over - in) / 2;
    (chance(middle) <= level ? in : over) = middle;
  }
  return in;
}

template <class Chance>
std::vector<Window> windows(double level, const WindowSplit& split, std::uint64_t horizon,
                            const Chance& chance) {
  std::vector<Window> windows;
  double part = split.first;
  for (unsigned k = split.least_failures; k <= split.most_failures; ++k, part *= split.ratio) {
    const std::uint64_t probes =
        most_within(k, horizon, level * part, [&](std::uint64_t n) { return chance(n, k); });
    if (probes > 0) windows.push_back({k, probes});
  }
  return windows;
}

// Batches that fail together are covered only where the mean is at most k - 1.
double tail_over_mean(std::uint64_t n, double p0, unsigned k) {
  return static_cast<double>(n) * p0 > k - 1 ? 1 : binomial_tail(n, p0, k);
}

double sliding_chance(double p0, std::uint64_t horizon, std::uint64_t m, unsigned k) {
  return static_cast<double>(horizon) * p0 * tail_over_mean(m - 1, p0, k - 1);
}

}  // namespace

double binomial_tail(std::uint64_t n, double p, unsigned k) {
  if (k == 0) return 1;
  if (k > n) return 0;
  const Binomial failures(static_cast<double>(n), p);
  return boost::math::cdf(boost::math::complement(failures, static_cast<double>(k - 1)));
}

std::vector<Window> windows_from_start(double p0, double level, const WindowSplit& split,
                                       std::uint64_t horizon) {
  return windows(level, split, horizon,
                 [p0](std::uint64_t n, unsigned k) { return tail_over_mean(n, p0, k); });
}

std::vector<Window> windows_sliding(double p0, double level, const WindowSplit& split,
                                    std::uint64_t horizon) {
  return windows(level, split, horizon, [p0, horizon](std::uint64_t m, unsigned k) {
    return sliding_chance(p0, horizon, m, k);
  });
}

double bound_from_start(double p0, const std::vector<Window>& windows) {
  double bound = 0;
  for (const Window& window : windows) bound += binomial_tail(window.probes, p0, window.failures);
  return bound;
}

double bound_sliding(double p0, const std::vector<Window>& windows, std::uint64_t horizon) {
  double bound = 0;
  for (const Window& window : windows)
    bound += sliding_chance(p0, horizon, window.probes, window.failures);
  return bound;
}

std::optional<Window> WindowCounts::fail(const std::vector<Window>& from_start,
                                         const std::vector<Window>& sliding, unsigned size) {
  assert(size > 0);
  began_.push_back(probes_ + 1);
  probes_ += size;
  ++failures_;
  for (const Window& window : from_start)
    if (failures_ >= window.failures && probes_ <= window.probes) return window;
  std::optional<Window> completed;
  for (const Window& window : sliding) {
    if (began_.size() < window.failures) continue;
    const std::uint64_t first = began_[began_.size() - window.failures];
    if (probes_ - first + 1 <= window.probes && !completed) completed = window;
  }
  const unsigned most = sliding.empty() ? 1 : sliding.back().failures;
  while (began_.size() >= most) began_.pop_front();
  return completed;
}

Json WindowCounts::snapshot() const {
  return {{"probes", probes_}, {"failures", failures_}, {"began", began_}};
}

std::optional<WindowCounts> WindowCounts::restore(const Json& snapshot) {
  if (!snapshot.is_object()) return std::nullopt;
  const Json began = snapshot.value("began", Json());
  const auto is_count = [](const Json& json) { return json.is_number_unsigned(); };
  if (!began.is_array() || !std::all_of(began.begin(), began.end(), is_count)) return std::nullopt;
  for (const char* name : {"probes", "failures"})
    if (!snapshot.contains(name) || !is_count(snapshot.at(name))) return std::nullopt;
  WindowCounts restored;
  restored.probes_ = snapshot.at("probes").get<std::uint64_t>();
  restored.failures_ = snapshot.at("failures").get<std::uint64_t>();
  restored.began_ = began.get<std::deque<std::uint64_t>>();
  return restored;
}

}  // namespace readback::guard
