#include "guard/server/origins.h"

#include <algorithm>

namespace readback::guard::server {

bool Origins::knows(const std::string& origin) const {
  return !origin.empty() && std::any_of(origins_.begin(), origins_.end(), [&](const auto& known) {
    return known == "*" || known == origin;
  });
}

void Origins::allow(Response& response, const std::string& origin) const {
  // Whether or not it may: a cache must not give one page's answer to another.
  if (!origins_.empty()) response.headers.emplace_back("Vary", "Origin");
  if (!knows(origin)) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  response.headers.emplace_back("Access-Control-Expose-Headers", "ETag, Retry-After");
}

std::optional<Response> Origins::preflight(const Request& request) const {
  const auto origin = request.header("origin");
  if (request.method != "OPTIONS" || !origin || !knows(std::string(*origin)) ||
      !request.header("access-control-request-method"))
    return std::nullopt;
  Response response;
  response.status = 204;
  response.headers = {
      {"Access-Control-Allow-Methods", "GET, POST"},
      {"Access-Control-Allow-Headers", "content-type, if-none-match, authorization, x-api-key"},
      {"Access-Control-Max-Age", "600"}};
  return response;
}

}  // namespace readback::guard::server
