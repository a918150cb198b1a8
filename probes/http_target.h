#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/result.h"
#include "probes/transport.h"

// Where a request goes, and whether it may. Pure.

namespace readback::probes {

struct HttpTarget {
  bool is_secure = false;
  std::string host;  // in lower case; IPv6 without brackets
  std::uint16_t port = 80;
  std::string resource;   // path and query, as they are sent
  std::string authority;  // for Host: the port only if it isn't the scheme's
};

// Nothing unless it is an absolute http or https URL with a host and without a user. A fragment is
// cut off.
std::optional<HttpTarget> parse_target(std::string_view url);

// Hosts that may be talked to: "host" on any port, or "host:port"; IPv6 in brackets. Exact, but
// for case: no pattern, no address for a name.
class AllowList {
 public:
  static Result<AllowList> parse(const std::vector<std::string>& hosts);
  bool allows(const HttpTarget& target) const;

 private:
  struct Entry {
    std::string host;
    std::optional<std::uint16_t> port;
  };
  std::vector<Entry> entries_;
};

// Whether method and headers can be sent without becoming something else, whatever a capture from
// the application put into them: names are tokens, values hold no control character but tab.
bool is_sendable(const Request& request);

}  // namespace readback::probes
