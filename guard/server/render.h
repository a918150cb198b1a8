#pragma once

#include <string>

#include "guard/clock.h"
#include "guard/server/route.h"

namespace readback::guard::server {

struct Rendering {
  bool keeps_connection = true;
  bool is_for_head = false;  // the reply to a HEAD: as for GET, without the body
  bool is_endless = false;   // the head alone, and no length: the body ends with the connection
  unsigned version = 11;     // the request's: HTTP/1.0 must be told that a connection is kept
};

// Head and body in one piece, with Date and Content-Length; without a body for 204 and 304.
std::string render(const Response& response, Rendering how, WallTime now);

// Whether it can be rendered: a status from 200 to 599, and no line break in a header.
bool is_sendable(const Response& response);

}  // namespace readback::guard::server
