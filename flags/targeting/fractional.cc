#include <murmurhash.h>

#include <cmath>
#include <cstdint>

#include "flags/targeting/operators.h"

namespace readback::flags::targeting::operators {
namespace {

constexpr double kLargestSum = 2'147'483'647;  // 2^31 - 1

struct Bucket {
  Value variant;
  std::uint64_t weight = 1;
};

// MurmurHash3 x86 32 with seed 0, over the bytes of the text. flagd's library for JavaScript hashes
// UTF-16 units otherwise, which for ASCII is the same.
std::uint32_t hash_of(const std::string& text) {
  std::uint32_t hash = 0;
  lmmh_x86_32(text.data(), static_cast<unsigned>(text.size()), 0, &hash);
  return hash;
}

bool is_plain(const Value& variant) {
  return !is_list(variant) && !is_object(variant);
}

// Nothing if it is no bucket. What calculates a share may run below zero: that is zero.
std::optional<Bucket> bucket_of(const Value& entry) {
  if (!is_list(entry) || size_of(entry) == 0 || size_of(entry) > 2) return std::nullopt;
  Bucket bucket{item(entry, 0), 1};
  if (!is_plain(bucket.variant)) return std::nullopt;
  if (size_of(entry) == 1) return bucket;
  const Value weight = item(entry, 1);
  const double* const number = std::get_if<double>(&weight);
  if (number == nullptr || std::trunc(*number) != *number) return std::nullopt;
  if (*number > kLargestSum) return std::nullopt;
  bucket.weight = *number < 0 ? 0 : static_cast<std::uint64_t>(*number);
  return bucket;
}

}  // namespace

Value fractional(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  const std::vector<Value> values = evaluation.operands(expression, scope);
  // Within map and its like there is neither a flag nor a targeting key.
  if (values.empty() || scope.asked == nullptr) return {};
  std::string key;
  std::size_t first = 0;
  if (const auto* const text = std::get_if<std::string_view>(&values[0])) {
    key = *text;
    first = 1;
  } else {
    const Value who = evaluation.find(scope, "targetingKey").value_or(Value());
    if (!is_truthy(who)) return {};
    key = std::string(scope.asked->flag_key) + text_of(who);
  }
  std::vector<Bucket> buckets;
  buckets.reserve(values.size());
  std::uint64_t sum = 0;
  for (std::size_t i = first; i < values.size(); ++i) {
    const std::optional<Bucket> bucket = bucket_of(values[i]);
    if (!bucket.has_value()) return {};
    sum += bucket->weight;
    if (sum > static_cast<std::uint64_t>(kLargestSum)) return {};
    buckets.push_back(*bucket);
  }
  const std::uint64_t place = (hash_of(key) * sum) >> 32U;
  std::uint64_t until = 0;
  for (const Bucket& each : buckets) {
    until += each.weight;
    if (place < until) return each.variant;
  }
  return {};
}

}  // namespace readback::flags::targeting::operators
