#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "guard/server/route.h"

namespace readback::guard::server {

// The routes of one listener. A HEAD request finds the GET route of its path, if HEAD has none.
class Routing {
 public:
  // Every route has a handler, and no two take the same request: asserted.
  explicit Routing(std::vector<Route> routes);

  struct Found {
    const Route* route = nullptr;  // lives as long as this; null: there is none
    std::string allowed;           // if the path has routes of other methods: these, as for Allow
  };

  // `path` as sent, without query. It is compared byte by byte; "/*" takes any one segment that is
  // not empty.
  Found find(std::string_view method, std::string_view path) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace readback::guard::server
