#include "guard/server/flag_routes.h"

#include <boost/url/pct_string_view.hpp>
#include <string_view>
#include <utility>

#include "guard/server/error_reply.h"
#include "guard/server/ofrep_body.h"

namespace readback::guard::server {
namespace {

constexpr std::string_view kPath = "/readback/v1/flags/";

boost::asio::awaitable<Response> answer(Response response) {
  co_return response;
}

}  // namespace

Route flag_state(std::function<nlohmann::json(const std::string& flag)> describe) {
  // The answer is made before the coroutine begins, which then holds nothing but the answer.
  const Handler handler = [describe = std::move(describe)](const Request& request) {
    const auto encoded =
        boost::urls::make_pct_string_view(std::string_view(request.path).substr(kPath.size()));
    if (encoded.has_error()) return answer(error_reply(400, "the key is not percent-encoded"));
    const nlohmann::json body = describe(encoded->decode());
    return answer(body.is_null() ? error_reply(404, "there is no such guarded flag")
                                 : respond(200, write(body)));
  };
  return {"GET", std::string(kPath) + "*", Scope::evaluate, handler};
}

}  // namespace readback::guard::server
