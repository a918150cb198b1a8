#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include "tests/source.h"

namespace readback {

std::string source_path(const std::string& relative) {
  return READBACK_SOURCE "/" + relative;
}

}  // namespace readback
