#include "guard/evidence/log_sum.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace readback::guard {

const double kLogZero = -std::numeric_limits<double>::infinity();

double log_sum(double a, double b) {
  if (a < b) std::swap(a, b);
  return b == kLogZero ? a : a + std::log1p(std::exp(b - a));
}

double log_sum(const std::vector<double>& logs) {
  if (logs.empty()) return kLogZero;
  const double most = *std::max_element(logs.begin(), logs.end());
  if (most == kLogZero) return kLogZero;
  double sum = 0;
  for (const double log : logs) sum += std::exp(log - most);
  return most + std::log(sum);
}

double log_one_minus_exp(double a) {
  // Maechler 2012: each form where it keeps its digits.
  return a > -0.6931471805599453 ? std::log(-std::expm1(a)) : std::log1p(-std::exp(a));
}

bool reaches(double log_e, double log_limit) {
  return log_e >= log_limit - 1e-12;
}

}  // namespace readback::guard
