#pragma once

#include <string_view>

#include "guard/server/route.h"

namespace readback::guard::server {

// A JSON body as every OFREP provider can read it, whatever the status: `errorDetails` and
// `metadata` always, `errorCode` below 500, never `value` (Rust takes a value from any status,
// Java parses every body before it looks at the status, Python indexes the other two).
// `why` is told to the caller: it holds no secret and nothing of another caller.
Response error_reply(int status, std::string_view why);

}  // namespace readback::guard::server
