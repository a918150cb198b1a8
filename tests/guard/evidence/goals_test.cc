#include <doctest/doctest.h>

#include "guard/evidence/block_process.h"
#include "guard/evidence/loss_stream.h"

// What a total loss takes, exactly: the rows of the goals that need no seeds. tests/bench has the
// rest.

namespace readback::guard {
namespace {

// The whole budget to one stream, alpha = p0 = 1e-6, horizon 10^6.
LossTerms whole_budget() {
  LossParameters parameters = default_loss_parameters(1e-6);
  parameters.shares = {.cell = 0, .all = 1, .field = 0, .payload_class = 0, .path = 0};
  return LossTerms(parameters);
}

unsigned losses_to_revert(const LossTerms& terms, StreamGroup group, std::size_t index,
                          std::uint64_t healthy) {
  LossStream stream(terms, group, index, "");
  stream.oks(terms, 1, healthy);
  unsigned losses = 0;
  for (; !stream.crossing(); ++losses) stream.fail(terms, 1, 1);
  return losses;
}

}  // namespace

TEST_SUITE("guard/evidence/goals") {
  TEST_CASE("total loss reverts after 2 probes, and after any healthy past with 3") {
    const LossTerms terms = whole_budget();
    CHECK(losses_to_revert(terms, StreamGroup::all, 0, 0) == 2);
    for (std::uint64_t healthy = 100; healthy <= 1'000'000; healthy *= 10)
      CHECK(losses_to_revert(terms, StreamGroup::all, 0, healthy) <= 3);
  }

  TEST_CASE(
      "any of 100 cells with its share reverts after 3, at the default parameters too after 4") {
    const LossTerms terms(default_loss_parameters(1e-6));
    const LossTerms defaults{LossParameters()};
    for (const std::size_t index : {0U, 9U, 99U}) {
      CAPTURE(index);
      CHECK(losses_to_revert(terms, StreamGroup::cell, index, 1'000) <= 3);
      CHECK(losses_to_revert(defaults, StreamGroup::cell, index, 1'000) <= 4);
    }
  }

  TEST_CASE("the past delays a revert by at most one loss") {
    const LossTerms terms{LossParameters()};
    for (const StreamGroup group : {StreamGroup::cell, StreamGroup::all, StreamGroup::field}) {
      const unsigned fresh = losses_to_revert(terms, group, 0, 0);
      for (std::uint64_t healthy = 10; healthy <= 1'000'000; healthy *= 10)
        CHECK(losses_to_revert(terms, group, 0, healthy) <= fresh + 1);
    }
  }
}

}  // namespace readback::guard
