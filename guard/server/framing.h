#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What Beast's parser lets through and this server does not take. Each of these is read in one way
// here and in another by some proxy, so that a request could be smuggled past it (RFC 9112, 11.2),
// or names a path in two ways. Pure.

namespace readback::guard::server {

// The head of a request as parsed.
struct Head {
  std::string_view raw;  // the same as received, up to and with the empty line
  unsigned version = 11;
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
};

struct Refusal {
  int status = 400;
  std::string_view why;  // static
};

// Why the request is not read any further, or nothing. Refused: a version other than 1.0 and 1.1
// (505), a method that RFC 9110 and 5789 don't know (501), a transfer coding but plain "chunked"
// (501); and with 400: chunked with 1.0 or beside a length, more than one length or a length that
// is no plain number, folded lines, no or several Host, a Host that is no authority, a target that
// is no path with query, dot segments plain or encoded, and any encoded dot; with 417 what is
// expected beyond "100-continue".
std::optional<Refusal> refuse(const Head& head);

// Whether the sender waits for "100 Continue" before it sends the body.
bool expects_continue(const Head& head);

}  // namespace readback::guard::server
