#include "guard/entropy.h"

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace readback::guard {
namespace {

class Scripted final : public Entropy {
 public:
  explicit Scripted(std::vector<std::uint64_t> draws) : draws_(std::move(draws)) {}
  std::uint64_t draw() override { return draws_.at(next_++); }
  std::size_t drawn() const { return next_; }

 private:
  std::vector<std::uint64_t> draws_;
  std::size_t next_ = 0;
};

}  // namespace

TEST_SUITE("guard/entropy") {
  TEST_CASE("a draw that would favour small results is drawn again") {
    // 2^64 = 1 modulo 3, so the one value 0 is one too many.
    Scripted entropy({0, 5});
    CHECK(entropy.below(3) == 2);
    CHECK(entropy.drawn() == 2);
  }

  TEST_CASE("the kernel's entropy covers what it is asked for") {
    SystemEntropy entropy;
    std::array<int, 4> seen{};
    for (int i = 0; i < 4'000; ++i) ++seen[entropy.below(4)];
    for (const int count : seen) CHECK(count > 700);  // Eleven standard deviations.
  }
}

}  // namespace readback::guard
