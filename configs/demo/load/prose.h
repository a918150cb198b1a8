#pragma once

#include <random>
#include <string>

// What practitioners write: French clinical prose, drawn from a seed, no text twice.

namespace demo::load {

// A text for the field with that name. `mark` stands in it and is what makes it unique.
std::string prose(const std::string& field, const std::string& mark, std::mt19937_64& random);

}  // namespace demo::load
