#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <string>

// What is lost, as somebody asks about it before it happens: of which of treatment's writes, and
// how many of them. And what the platform loses of both arms, all the time.

namespace readback::guard::foresight {

struct Loss {
  double rate = 0;  // of the writes that it can hit; 0: nothing is lost
  std::optional<std::set<std::string>> journeys;  // unset: all
  std::optional<std::string> field;               // unset: the whole write
  std::optional<std::string> payload_class;       // unset: any

  bool can_hit(const std::string& journey, const std::string& text) const {
    return rate > 0 && (!journeys || journeys->contains(journey)) &&
           (!payload_class || *payload_class == text);
  }
  bool takes(const std::string& of) const { return !field || *field == of; }
};

using Random = std::mt19937_64;

// Independent chances of one rate, by the gaps between those that come true: what happens rarely
// costs nothing while it doesn't.
class Chances {
 public:
  explicit Chances(double rate = 0) : rate_(rate) {}

  // Whether the next one comes true.
  bool next(Random& random) {
    if (rate_ <= 0) return false;
    if (rate_ >= 1) return true;
    if (!is_drawn_) gap_ = std::geometric_distribution<std::uint64_t>(rate_)(random);
    is_drawn_ = gap_ > 0;
    return gap_-- == 0;
  }

 private:
  double rate_;
  bool is_drawn_ = false;
  std::uint64_t gap_ = 0;  // that don't, before the next one that does
};

}  // namespace readback::guard::foresight
