#include "guard/server/openapi.h"

#include <string>

#include "embedded/openapi.h"

namespace readback::guard::server {
namespace {

boost::asio::awaitable<Response> show(Request) {
  Response response;
  response.content_type = "application/yaml";
  response.body = std::string(embedded::openapi);
  co_return response;
}

}  // namespace

Route openapi() {
  return {"GET", "/openapi.yaml", Scope::open, show};
}

}  // namespace readback::guard::server
