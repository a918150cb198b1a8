#include "configs/demo/population.h"

#include <algorithm>

namespace demo {
namespace {

std::string numbered(const char* prefix, int n, std::size_t digits) {
  const std::string number = std::to_string(n);
  return prefix + std::string(digits - std::min(digits, number.size()), '0') + number;
}

}  // namespace

std::string practitioner_id(int n) {
  return numbered("practitioner-", n, 5);
}

std::string synthetic_id(int n) {
  return numbered("synthetic-", n, 2);
}

std::string patient_id(const std::string& practitioner, int k) {
  return practitioner + '-' + static_cast<char>('a' + k);
}

}  // namespace demo
