#pragma once

#include <string>

// Who there is: the names by which the service creates its practitioners and patients, and by
// which the load generator plays them.

namespace demo {

inline constexpr int kPatientsEach = 4;

// The n-th real practitioner, from 1: practitioner-00001.
std::string practitioner_id(int n);

// The n-th synthetic practitioner, from 1: synthetic-01.
std::string synthetic_id(int n);

// The k-th patient of a practitioner, from 0 and below 26: synthetic-01-a.
std::string patient_id(const std::string& practitioner, int k);

}  // namespace demo
