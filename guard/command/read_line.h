#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>

namespace readback::guard {

// The next line of `in`, without its end. False at the end. One over `longest` bytes is cut there,
// its rest skipped, and `is_too_long` set.
bool read_line(std::istream& in, std::size_t longest, std::string& line, bool& is_too_long);

}  // namespace readback::guard
