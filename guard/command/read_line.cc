#include "guard/command/read_line.h"

#include <istream>

namespace readback::guard {

bool read_line(std::istream& in, std::size_t longest, std::string& line, bool& is_too_long) {
  line.clear();
  is_too_long = false;
  // The stream's own sentry also hands out what the answers so far hold.
  for (int c = in.get(); c != std::istream::traits_type::eof(); c = in.rdbuf()->sbumpc()) {
    if (c == '\n') return true;
    is_too_long = line.size() == longest;
    if (!is_too_long) line.push_back(static_cast<char>(c));
  }
  return !line.empty();
}

}  // namespace readback::guard
