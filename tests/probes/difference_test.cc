#include "probes/difference.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace readback::probes {
namespace {

// The textbook's table: Wagner and Fischer, 1974.
std::size_t naive_distance(std::u32string_view one, std::u32string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  for (std::size_t j = 0; j <= other.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= one.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const std::size_t substituted = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::u32string random_text(std::mt19937& random, std::size_t length) {
  static constexpr std::u32string_view kLetters = U"ab \u00E9\U0001F418";
  std::u32string text;
  while (text.size() < length) text.push_back(kLetters[random() % kLetters.size()]);
  return text;
}

std::u32string edited(std::mt19937& random, std::u32string text) {
  for (std::size_t edits = random() % 20; edits > 0 && !text.empty(); --edits) {
    const std::size_t at = random() % text.size();
    const std::u32string by = random_text(random, random() % 3);
    text.replace(at, random() % 3, by);
  }
  return text;
}

}  // namespace

TEST_SUITE("probes/difference") {
  TEST_CASE("distances are those of the textbook's table") {
    CHECK(distance(U"kitten", U"sitting") == 3);
    CHECK(distance(U"", U"") == 0);
    CHECK(distance(U"", U"abc") == 3);
    CHECK(distance(U"abc", U"") == 3);
    std::mt19937 random(1);
    for (int round = 0; round < 1'500; ++round) {
      const std::u32string one = random_text(random, random() % 200);
      const std::u32string other =
          round % 2 == 0 ? edited(random, one) : random_text(random, random() % 200);
      CAPTURE(round);
      CHECK(distance(one, other) == naive_distance(one, other));
    }
  }

  TEST_CASE("similarity is 1 for the same and 0 where nothing is shared, also of long texts") {
    CHECK(similarity(U"", U"") == 1);
    CHECK(similarity(U"abc", U"abc") == 1);
    CHECK(similarity(U"abc", U"") == 0);
    CHECK(similarity(U"abcd", U"abXY") == 0.5);
    const std::u32string one(50'000, U'a'), other(50'000, U'b');
    CHECK(similarity(one, other) == 0);
    std::u32string damaged = one;
    for (std::size_t i = 0; i < damaged.size(); i += 4) damaged[i] = U'b';
    CHECK(similarity(one, damaged) == doctest::Approx(0.75));
  }

  TEST_CASE("what two texts do not share lies between their spans, and no start is counted twice") {
    std::mt19937 random(2);
    for (int round = 0; round < 500; ++round) {
      const std::u32string one = random_text(random, random() % 30);
      const std::u32string other = edited(random, one);
      const auto [in_one, in_other] = difference(one, other);
      std::u32string put = one;
      put.replace(in_one.offset, in_one.length, other.substr(in_other.offset, in_other.length));
      CHECK(put == other);
      CHECK((in_one.length == 0 || in_other.length == 0 ||
             (one[in_one.offset] != other[in_other.offset])));
    }
    CHECK(difference(U"aaa", U"aa").in_written == Span{2, 1});
  }
}

}  // namespace readback::probes
