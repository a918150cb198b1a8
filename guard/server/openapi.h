#pragma once

#include "guard/server/route.h"

namespace readback::guard::server {

// GET /openapi.yaml: what the listener for applications serves, as OpenAPI 3.1 describes it
// (configs/schema/openapi.yaml).
Route openapi();

}  // namespace readback::guard::server
