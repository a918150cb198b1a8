#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

// What happens in one visit, drawn before it begins. Pure.

namespace demo::load {

inline constexpr std::array<std::string_view, 4> kFieldNames{"visit_motive", "interview",
                                                             "exam_report", "conclusion"};
inline constexpr std::size_t kFields = kFieldNames.size();

struct Save {
  bool is_draft = false;
  std::array<std::optional<std::string>, kFields> texts{};
};

struct Visit {
  std::string practitioner;
  std::string patient;
  bool shares_document = false;  // before anything is saved
  std::vector<Save> saves;
};

// Draws visits from a seed: the same seed, the same visits in the same order.
//
// A tenth shares a document. Three in ten save a draft first; all save all four fields; two in
// ten correct their conclusion afterwards. So a visit has one and a half saves on average.
class Visits {
 public:
  Visits(std::uint64_t seed, int practitioners);
  Visit next();

 private:
  std::string text(std::size_t field);
  bool is_drawn(int per_cent) { return static_cast<int>(random_() % 100) < per_cent; }

  std::mt19937_64 random_;
  std::uint64_t seed_;
  int practitioners_;
  std::uint64_t texts_ = 0;
};

}  // namespace demo::load
