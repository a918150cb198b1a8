#include "probes/transport.h"

#include <algorithm>
#include <array>
#include <boost/algorithm/string/predicate.hpp>
#include <stdexcept>
#include <string>

namespace readback::probes {
namespace {

constexpr std::array<std::string_view, 7> kNames{
    "unresolved", "refused", "untrusted", "timed_out", "cut_off", "too_large", "malformed",
};
static_assert(static_cast<std::size_t>(Silence::malformed) + 1 == kNames.size());

}  // namespace

std::optional<std::string_view> Response::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
    return boost::algorithm::iequals(header.first, name);
  });
  if (found == headers.end()) return std::nullopt;
  return found->second;
}

std::string_view to_string(Silence silence) {
  return kNames[static_cast<std::size_t>(silence)];
}

void throw_exception_from_error(Silence silence, const boost::source_location&) {
  throw std::logic_error("no response: " + std::string(to_string(silence)));
}

}  // namespace readback::probes
