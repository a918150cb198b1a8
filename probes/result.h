#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <utility>

namespace readback::probes {

// Why a plan or a template cannot be used. Expected, and told to a person: never holds note text,
// a token or a secret.
struct Problem {
  std::string where;  // JSON Pointer into the plan, "" for the whole
  std::string what;   // one sentence, lower case, no full stop

  Problem() = default;
  // Two arguments, so that a Result<std::string> tells its value from its problem: an aggregate
  // could be made from one.
  Problem(std::string where, std::string what) : where(std::move(where)), what(std::move(what)) {}
};

template <class T>
using Result = boost::system::result<T, Problem>;

// Called by value() on an error: a bug in the caller, who should have asked first.
[[noreturn]] void throw_exception_from_error(const Problem& problem,
                                             const boost::source_location& where);

}  // namespace readback::probes
