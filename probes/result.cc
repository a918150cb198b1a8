#include "probes/result.h"

#include <stdexcept>

namespace readback::probes {

void throw_exception_from_error(const Problem& problem, const boost::source_location&) {
  throw std::logic_error(problem.where + ": " + problem.what);
}

}  // namespace readback::probes
