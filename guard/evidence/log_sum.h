#pragma once

#include <vector>

// Sums of numbers that are kept as natural logarithms, so that none overflows and none of a million
// factors rounds to nothing. The logarithm of zero is minus infinity, and is taken everywhere.

namespace readback::guard {

// log(0).
extern const double kLogZero;

// log(exp(a) + exp(b)).
double log_sum(double a, double b);
// log of the sum of all of them; kLogZero of none.
double log_sum(const std::vector<double>& logs);
// log(1 - exp(a)) for a <= 0.
double log_one_minus_exp(double a);

// Whether a capital with logarithm `log_e` is at least the one with logarithm `log_limit`, with a
// relative tolerance of 1e-12: rounding decides no verdict.
bool reaches(double log_e, double log_limit);

}  // namespace readback::guard
