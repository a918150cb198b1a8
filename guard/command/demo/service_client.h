#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "guard/result.h"

namespace readback::guard::demo {

// One administrative request to the notes service, with a bearer token; blocks for at most 5 s.
// `body`: null sends none. Fails on silence, on a status that is not 2xx, and on a reply that is no
// JSON.
Result<nlohmann::json> call_service(const std::string& url, const std::string& method,
                                    const std::string& token, const nlohmann::json& body);

}  // namespace readback::guard::demo
