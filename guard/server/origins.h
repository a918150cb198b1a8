#pragma once

#include <optional>
#include <string>
#include <vector>

#include "guard/server/route.h"

// Which web pages may ask the guard from a browser: the CORS protocol (WHATWG Fetch, 3.2). The
// exposed headers are part of it: a browser's provider whose page cannot read ETag never tells what
// it holds, and one that cannot read Retry-After guesses.

namespace readback::guard::server {

class Origins {
 public:
  // Takes the place of those before. An origin is as a browser sends it, `https://app.example`;
  // `*` is any. None: no page may.
  void set(std::vector<std::string> origins) { origins_ = std::move(origins); }

  // The answer to a browser that asks whether a page may send a request; nothing if it is none such
  // request, or the page may not.
  std::optional<Response> preflight(const Request& request) const;

  // Tells the browser that the page which sent `origin` may read this response.
  void allow(Response& response, const std::string& origin) const;

 private:
  bool knows(const std::string& origin) const;

  std::vector<std::string> origins_;
};

}  // namespace readback::guard::server
