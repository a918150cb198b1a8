#include "tests/simulation/partial.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "tests/simulation/seeds.h"
#include "tests/simulation/story.h"

namespace readback::simulation {
using namespace std::chrono_literals;

Duration partial_loss_delay(std::uint64_t seed, const char* fault, Duration at_most) {
  Story story(house(seed));
  if (!story.until_exposed()) return at_most;
  story.pass(story.some_time(10s));
  story.house().break_with(fault);
  const TimePoint begun = story.house().now();
  const bool is_noticed = story.until([&] { return !story.serves(); }, at_most);
  return is_noticed ? story.house().now() - begun : at_most;
}

Duration percentile(std::vector<Duration> delays, double share) {
  assert(!delays.empty());
  std::sort(delays.begin(), delays.end());
  const double rank = std::ceil(share * static_cast<double>(delays.size()));
  return delays[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

}  // namespace readback::simulation
