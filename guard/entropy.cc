#include "guard/entropy.h"

#include <sys/random.h>

#include <cassert>

namespace readback::guard {

std::uint64_t Entropy::below(std::uint64_t bound) {
  assert(bound > 0);
  // Draws that would favour small results are drawn again.
  const std::uint64_t unfair = -bound % bound;
  std::uint64_t bits = draw();
  while (bits < unfair) bits = draw();
  return bits % bound;
}

std::uint64_t SystemEntropy::draw() {
  std::uint64_t bits = 0;
  const ssize_t size = getrandom(&bits, sizeof bits, 0);
  assert(size == sizeof bits);  // The kernel promises it for up to 256 bytes.
  return bits;
}

}  // namespace readback::guard
