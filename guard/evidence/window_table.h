#pragma once

#include <cstdint>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

// Is anything lost, in one stream, by a rule that a person can check: revert at a failure that is
// the k-th within the stream's first n_k probes, or the k-th within the last m_k; "3 losses within
// 549 probes". It needs no floating point, and an ok costs one counter. It is sharper than the
// restart mixture where p0 is tiny.
//
// While each probe fails with a chance of at most p0, whatever the stream has shown so far, the
// failures are at most those of independent ones of rate p0 (a coupling), and so
//   P(ever) <= streams * sum_k P(Bin(n_k, p0) >= k) + N p0 sum_k P(Bin(m_k - 1, p0) >= k - 1),
// N the probes of all streams that share the second part. Probes that may fail together count as
// many probes and at most one failure: of all ways to spread their chance, independent single
// probes have the heaviest tail where k - 1 is over the mean (Hoeffding 1956).
//
// Values; pure; safe from any thread.

namespace readback::guard {

// The k-th failure of so few probes reverts.
struct Window {
  unsigned failures = 0;     // k
  std::uint64_t probes = 0;  // n_k or m_k: with the failures
  friend bool operator==(const Window&, const Window&) = default;
};

// How a level is split over k: first, first * ratio, first * ratio^2, ...
struct WindowSplit {
  unsigned least_failures = 2;
  double first = 0.8;
  double ratio = 0.2;
  unsigned most_failures = 16;  // no window for a larger k
  friend bool operator==(const WindowSplit&, const WindowSplit&) = default;
};

inline constexpr WindowSplit kFromStart{2, 0.8, 0.2, 16};
inline constexpr WindowSplit kSliding{3, 0.6, 0.4, 16};

// For each k the most probes so that the exact chance stays within its part of `level`; none for
// a k whose part buys less than k probes, and none over `horizon` probes.
std::vector<Window> windows_from_start(double p0, double level, const WindowSplit& split,
                                       std::uint64_t horizon);
std::vector<Window> windows_sliding(double p0, double level, const WindowSplit& split,
                                    std::uint64_t horizon);

// The same chances, added up again from the windows: what they can cost at most.
double bound_from_start(double p0, const std::vector<Window>& windows);
double bound_sliding(double p0, const std::vector<Window>& windows, std::uint64_t horizon);

// P(Bin(n, p) >= k), to about 14 digits.
double binomial_tail(std::uint64_t n, double p, unsigned k);

class WindowCounts {
 public:
  void oks(std::uint64_t probes) { probes_ += probes; }

  // Probes that may fail together, of which some did: returns the window that this failure
  // completes, if any; of several the one of fewest failures.
  std::optional<Window> fail(const std::vector<Window>& from_start,
                             const std::vector<Window>& sliding, unsigned size = 1);

  std::uint64_t probes() const { return probes_; }
  std::uint64_t failures() const { return failures_; }  // batches count one

  nlohmann::json snapshot() const;
  static std::optional<WindowCounts> restore(const nlohmann::json& snapshot);

  friend bool operator==(const WindowCounts&, const WindowCounts&) = default;

 private:
  std::uint64_t probes_ = 0;
  std::uint64_t failures_ = 0;
  std::deque<std::uint64_t> began_;  // of the last failing batches, the number of the first probe
};

}  // namespace readback::guard
