#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "flags/context.h"
#include "flags/evaluate.h"
#include "guard/server/route.h"

// The bodies of OFREP, as guard/server/ofrep.h says.

namespace readback::guard::server {

// Keys and details repeat what a stranger sent: what isn't UTF-8 in it is replaced.
std::string write(const nlohmann::json& body);

// An answer that no cache keeps.
Response respond(int status, std::string body);

// An error about one flag. Without a key it is one about the whole request.
Response refuse(int status, const std::optional<std::string>& key, const std::string& code,
                const std::string& details);

// The answer to who is to be failed (guard/orphan_probe.h).
Response fail_orphan(const std::optional<std::string>& key);

// An evaluation as both endpoints show it. A float keeps its decimal point and a whole number has
// none: typed clients refuse the other token.
nlohmann::json success(const flags::Evaluation& evaluation, nlohmann::json metadata);

// What a body asks for, or how it is refused.
struct Asked {
  flags::Context context;
  std::optional<Response> refusal;
};
// With a key: about one flag. A context of the wrong type is refused then, else taken for an empty
// one.
Asked read(const Request& request, const std::optional<std::string>& key);

}  // namespace readback::guard::server
