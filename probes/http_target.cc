#include "probes/http_target.h"

#include <algorithm>
#include <boost/url/authority_view.hpp>
#include <boost/url/grammar/ci_string.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <system_error>

namespace readback::probes {
namespace {

std::string lower(std::string text) {
  for (char& letter : text) letter = boost::urls::grammar::to_lower(letter);
  return text;
}

// RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kLetters =
      "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !text.empty() && text.find_first_not_of(kLetters) == text.npos;
}

bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return (code >= 0x20 && code != 0x7f) || c == '\t';
  });
}

// 1 to 65535. Boost.URL 1.81 wraps what is over.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::optional<HttpTarget> parse_target(std::string_view url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (parsed.has_error()) return std::nullopt;
  HttpTarget target;
  target.is_secure = parsed->scheme_id() == boost::urls::scheme::https;
  if (!target.is_secure && parsed->scheme_id() != boost::urls::scheme::http) return std::nullopt;
  if (!parsed->has_authority() || parsed->has_userinfo()) return std::nullopt;
  target.host = lower(parsed->host_address());
  if (target.host.empty()) return std::nullopt;
  const std::uint16_t usual = target.is_secure ? 443 : 80;
  target.port = usual;
  if (parsed->has_port() && !parsed->port().empty()) {
    const auto port = parse_port(std::string(parsed->port()));
    if (!port) return std::nullopt;
    target.port = *port;
  }
  target.authority = lower(std::string(parsed->encoded_host()));
  if (target.port != usual) target.authority += ":" + std::to_string(target.port);
  target.resource = std::string(parsed->encoded_path());
  if (target.resource.empty()) target.resource = "/";
  // Boost.URL 1.81 takes the "b" of "http://a:b/" for a path.
  if (!target.resource.starts_with("/")) return std::nullopt;
  if (parsed->has_query()) target.resource += "?" + std::string(parsed->encoded_query());
  return target;
}

Result<AllowList> AllowList::parse(const std::vector<std::string>& hosts) {
  AllowList list;
  for (const std::string& host : hosts) {
    const auto parsed = boost::urls::parse_authority(host);
    if (parsed.has_error() || parsed->has_userinfo() || parsed->host_address().empty())
      return Problem{"", "'" + host + "' is no host or host:port"};
    Entry entry{lower(parsed->host_address()), std::nullopt};
    if (parsed->has_port()) {
      entry.port = parse_port(std::string(parsed->port()));
      if (!entry.port) return Problem{"", "'" + host + "' has no valid port"};
    }
    list.entries_.push_back(std::move(entry));
  }
  return list;
}

bool AllowList::allows(const HttpTarget& target) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.host == target.host && (!entry.port || *entry.port == target.port);
  });
}

bool is_sendable(const Request& request) {
  return is_token(request.method) &&
         std::all_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
           return is_token(header.first) && is_value(header.second);
         });
}

}  // namespace readback::probes
