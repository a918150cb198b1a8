#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

// What the benchmarks measure with: paired sequences of failures, ratios with limits, and rows of
// the table.

namespace readback::bench {

// Upper one-sided quantile of the normal distribution at 99 %.
inline constexpr double kNormal99 = 2.3263478740408408;

// Failures of rate p: how many oks there are before the next one.
class Gaps {
 public:
  Gaps(double p, std::uint64_t seed) : p_(p), random_(seed) {}
  std::uint64_t next();

 private:
  double p_;
  std::mt19937_64 random_;
};

// A number in (0, 1).
double uniform(std::mt19937_64& random);

// The ratio of two means over paired seeds, by the delta method.
class Ratio {
 public:
  void add(double measured, double reference);
  double ratio() const;
  double upper99() const;
  double measured() const;
  double reference() const;

 private:
  std::vector<double> measured_;
  std::vector<double> reference_;
};

// Clopper and Pearson's upper 99 % limit of a chance, `hits` of `trials`.
double upper99_of_chance(std::uint64_t hits, std::uint64_t trials);
double lower99_of_chance(std::uint64_t hits, std::uint64_t trials);

struct Row {
  int row = 0;            // of the table of goals
  std::string what;       // the case
  double goal = 0;        // the limit below is at most this
  double measured = 0;    // ratio, number or chance
  double upper99 = 0;     // its upper 99 % limit; the same where it is exact
  double with_blame = 0;  // the ratio if the flag must be named, too; 0: does not apply
  bool is_met = false;
};

struct Options {
  std::uint64_t seeds = 100'000;
  std::uint64_t from = 1;  // the first seed
};

std::vector<Row> one_cell_from_start(const Options& options);    // 1
std::vector<Row> one_cell_after_health(const Options& options);  // 2
std::vector<Row> one_cell_of_many(const Options& options);       // 3
std::vector<Row> loss_in_all_cells(const Options& options);      // 4
std::vector<Row> noisy_platform(const Options& options);         // 5
std::vector<Row> blame(const Options& options);                  // 6
std::vector<Row> false_reverts(const Options& options);          // 7

}  // namespace readback::bench
