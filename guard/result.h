#pragma once

#include <boost/system/result.hpp>
#include <string>

namespace readback::guard {

// Why something expected to fail at times did: a disk, a socket, a command. Told to a person;
// never holds note text, a token or a secret.
struct Problem {
  std::string where;  // a path, a flag, "FILE:LINE:COLUMN", or empty
  std::string what;   // one sentence, lower case, no full stop
  // A bound said no: nothing was done, and nothing is broken.
  bool is_refusal = false;
};

template <class T>
using Result = boost::system::result<T, Problem>;

// Called by value() on an error: a bug in the caller, who should have asked first.
[[noreturn]] void throw_exception_from_error(const Problem& problem,
                                             const boost::source_location& where);

}  // namespace readback::guard
