#include "guard/server/route.h"

#include <algorithm>

namespace readback::guard::server {

std::optional<std::string_view> Request::header(std::string_view lower_case_name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
    return header.first == lower_case_name;
  });
  if (found == headers.end()) return std::nullopt;
  return found->second;
}

}  // namespace readback::guard::server
