#include "guard/server/routing.h"

#include <cassert>
#include <utility>

namespace readback::guard::server {
namespace {

bool takes(const Route& route, std::string_view path) {
  std::string_view pattern = route.path;
  if (!pattern.ends_with("/*")) return path == pattern;
  pattern.remove_suffix(1);
  if (!path.starts_with(pattern)) return false;
  path.remove_prefix(pattern.size());
  return !path.empty() && path.find('/') == path.npos;
}

}  // namespace

Routing::Routing(std::vector<Route> routes) : routes_(std::move(routes)) {
  for (auto route = routes_.begin(); route != routes_.end(); ++route) {
    assert(route->handler);
    for (auto other = routes_.begin(); other != route; ++other)
      assert(route->method != other->method || route->path != other->path);
  }
}

Routing::Found Routing::find(std::string_view method, std::string_view path) const {
  Found found;
  for (const Route& route : routes_) {
    if (!takes(route, path)) continue;
    const bool is_exact = route.method == method;
    if (is_exact || (method == "HEAD" && route.method == "GET" && !found.route))
      found.route = &route;
    if (is_exact) break;
    found.allowed += (found.allowed.empty() ? "" : ", ") + route.method;
    if (route.method == "GET") found.allowed += ", HEAD";
  }
  return found;
}

}  // namespace readback::guard::server
