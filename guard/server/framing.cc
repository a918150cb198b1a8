#include "guard/server/framing.h"

#include <algorithm>
#include <array>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/url/authority_view.hpp>
#include <boost/url/parse.hpp>

namespace readback::guard::server {
namespace {

using boost::algorithm::icontains;
using boost::algorithm::iequals;

constexpr std::array<std::string_view, 9> kMethods{"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                                   "CONNECT", "OPTIONS", "TRACE", "PATCH"};

std::vector<std::string_view> values(const Head& head, std::string_view name) {
  std::vector<std::string_view> found;
  for (const auto& [key, value] : head.headers)
    if (key == name) found.push_back(value);
  return found;
}

bool is_plain_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char digit) { return digit >= '0' && digit <= '9'; });
}

std::optional<Refusal> refuse_body(const Head& head) {
  const auto lengths = values(head, "content-length");
  const auto codings = values(head, "transfer-encoding");
  if (lengths.size() > 1) return Refusal{400, "more than one Content-Length"};
  if (!lengths.empty() && !is_plain_number(lengths[0]))
    return Refusal{400, "Content-Length is no plain number"};
  if (codings.empty()) return std::nullopt;
  if (!lengths.empty()) return Refusal{400, "both Content-Length and Transfer-Encoding"};
  if (codings.size() > 1 || !iequals(codings[0], "chunked"))
    return Refusal{501, "a Transfer-Encoding other than chunked"};
  if (head.version == 10) return Refusal{400, "Transfer-Encoding with HTTP/1.0"};
  return std::nullopt;
}

std::optional<Refusal> refuse_host(const Head& head) {
  const auto hosts = values(head, "host");
  if (hosts.size() != 1) return Refusal{400, "no or more than one Host"};
  const auto authority = boost::urls::parse_authority(hosts[0]);
  if (authority.has_error() || authority->has_userinfo()) return Refusal{400, "not a Host"};
  return std::nullopt;
}

std::optional<Refusal> refuse_target(const Head& head) {
  const auto target = boost::urls::parse_origin_form(head.target);
  if (target.has_error()) return Refusal{400, "the target is not a path with an optional query"};
  // Boost.URL takes "/./" for a shield before "//" and hides it from its segments.
  const std::string path = std::string(target->encoded_path()) + "/";
  if (icontains(path, "%2e")) return Refusal{400, "an encoded dot in the path"};
  if (path.find("/./") != path.npos || path.find("/../") != path.npos)
    return Refusal{400, "a dot segment in the path"};
  return std::nullopt;
}

std::optional<Refusal> refuse_expectation(const Head& head) {
  for (const std::string_view value : values(head, "expect"))
    if (!iequals(value, "100-continue")) return Refusal{417, "an expectation but 100-continue"};
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> refuse(const Head& head) {
  if (head.version != 10 && head.version != 11) return Refusal{505, "not HTTP/1.0 or HTTP/1.1"};
  if (std::find(kMethods.begin(), kMethods.end(), head.method) == kMethods.end())
    return Refusal{501, "an unknown method"};
  if (head.raw.find("\n ") != head.raw.npos || head.raw.find("\n\t") != head.raw.npos)
    return Refusal{400, "a folded header line"};
  for (const auto check : {refuse_body, refuse_host, refuse_target, refuse_expectation})
    if (const auto refusal = check(head)) return refusal;
  return std::nullopt;
}

bool expects_continue(const Head& head) {
  // HTTP/1.0 has no interim answers (RFC 9110, 10.1.1).
  return head.version == 11 && !values(head, "expect").empty();
}

}  // namespace readback::guard::server
