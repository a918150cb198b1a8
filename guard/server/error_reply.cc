#include "guard/server/error_reply.h"

#include <cassert>
#include <nlohmann/json.hpp>

namespace readback::guard::server {

Response error_reply(int status, std::string_view why) {
  assert(status >= 400 && status < 600);
  nlohmann::json body = {{"errorDetails", why}, {"metadata", nlohmann::json::object()}};
  if (status < 500) body["errorCode"] = "GENERAL";
  Response response;
  response.status = status;
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return response;
}

}  // namespace readback::guard::server
