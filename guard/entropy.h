#pragma once

#include <cstdint>

// Where chance comes from: token seeds, jitter, and which synthetic practitioner of a block is
// treatment. A seam, so that a simulation draws it from its seed.

namespace readback::guard {

class Entropy {
 public:
  virtual ~Entropy() = default;

  // 64 uniform bits. Does not fail.
  virtual std::uint64_t draw() = 0;

  // Uniform in [0, bound); `bound` is at least 1.
  std::uint64_t below(std::uint64_t bound);
};

// The kernel's getrandom(2).
class SystemEntropy final : public Entropy {
 public:
  std::uint64_t draw() override;
};

}  // namespace readback::guard
