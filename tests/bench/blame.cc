#include <functional>

#include "guard/evidence/block_process.h"
#include "tests/bench/measure.h"

// Row 6: how soon the flag is named, and how often a flag that does nothing is, whatever the
// platform does.

namespace readback::bench {
namespace {

using guard::BlockProcess;

constexpr unsigned kBlocks = 300;

// One block: who fails, and who is treatment.
struct Block {
  unsigned members = 4;
  unsigned failed = 0;
  bool has_treatment_failed = false;
};

using Platform = std::function<Block(std::mt19937_64&, const BlockProcess&, unsigned block)>;

// Treatment is drawn after it is settled how many fail.
Block drawn(std::mt19937_64& random, unsigned members, unsigned failed) {
  return {members, failed, random() % members < failed};
}

unsigned independent(std::mt19937_64& random, unsigned members, double rate) {
  unsigned failed = 0;
  for (unsigned i = 0; i < members; ++i) failed += uniform(random) < rate;
  return failed;
}

Row false_blame(const std::string& what, const Options& options, const Platform& platform,
                bool must_fail = false) {
  std::uint64_t blamed = 0;
  for (std::uint64_t seed = options.from; seed < options.from + options.seeds; ++seed) {
    std::mt19937_64 random(seed);
    BlockProcess process;
    for (unsigned block = 0; block < kBlocks && !process.crosses(); ++block) {
      const Block one = platform(random, process, block);
      process.add(one.members, one.failed, one.has_treatment_failed);
    }
    blamed += process.crosses();
  }
  const double upper = upper99_of_chance(blamed, options.seeds);
  return {.row = 6,
          .what = what,
          .goal = 0.01,
          .measured = static_cast<double>(blamed) / static_cast<double>(options.seeds),
          .upper99 = upper,
          .is_met = must_fail ? lower99_of_chance(blamed, options.seeds) > 0.01 : upper <= 0.01};
}

// Of the numbers that may fail the one that brings the capital over the limit most likely, if it
// can; else the largest step.
unsigned adversary(const BlockProcess& process) {
  for (const unsigned failed : {3U, 2U, 1U}) {
    BlockProcess next = process;
    next.add(4, failed, true);
    if (next.crosses()) return failed;
  }
  return 1;
}

}  // namespace

std::vector<Row> blame(const Options& options) {
  BlockProcess process;
  double blocks = 0;
  for (; !process.crosses(); ++blocks) process.add(4, 1, true);
  std::vector<Row> rows{{.row = 6,
                         .what = "total loss at 1:3, blocks until the flag is named",
                         .goal = 5,
                         .measured = blocks,
                         .upper99 = blocks,
                         .is_met = blocks <= 5}};
  for (const double rate : {0.01, 0.1, 0.5})
    rows.push_back(false_blame("independent, rate " + std::to_string(rate).substr(0, 4), options,
                               [rate](auto& random, const auto&, unsigned) {
                                 return drawn(random, 4, independent(random, 4, rate));
                               }));
  rows.push_back(
      false_blame("all of a block, or none", options, [](auto& random, const auto&, unsigned) {
        return drawn(random, 4, random() % 2 == 0 ? 4 : 0);
      }));
  for (const unsigned failed : {1U, 2U, 3U})
    rows.push_back(false_blame(
        "always " + std::to_string(failed) + " of 4: a broken record", options,
        [failed](auto& random, const auto&, unsigned) { return drawn(random, 4, failed); }));
  rows.push_back(false_blame("bursts of 10 blocks at half, 10 blocks quiet", options,
                             [](auto& random, const auto&, unsigned block) {
                               const double rate = block / 10 % 2 == 0 ? 0.5 : 0.001;
                               return drawn(random, 4, independent(random, 4, rate));
                             }));
  rows.push_back(false_blame("an adversary who sees the capital", options,
                             [](auto& random, const auto& so_far, unsigned) {
                               return drawn(random, 4, adversary(so_far));
                             }));
  rows.push_back(false_blame("always 1 of 10", options, [](auto& random, const auto&, unsigned) {
    return drawn(random, 10, 1);
  }));
  rows.push_back(false_blame("treatment loses 2 %, each control 10 %", options,
                             [](auto& random, const auto&, unsigned) {
                               const bool treatment = uniform(random) < 0.02;
                               return Block{4, independent(random, 3, 0.1) + treatment, treatment};
                             }));
  rows.push_back(false_blame(
      "planted: the arm is not drawn, a broken record", options,
      [](auto&, const auto&, unsigned) {
        return Block{4, 1, true};
      },
      true));
  return rows;
}

}  // namespace readback::bench
