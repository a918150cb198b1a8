#pragma once

#include <string>

namespace readback {

// Where a file of the repository is, for tests that read data: "tests/probes/pairs.json".
std::string source_path(const std::string& relative);

}  // namespace readback
