#include "guard/command/demo/service_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

#include "guard/system_clock.h"
#include "probes/http.h"

namespace readback::guard::demo {

Result<nlohmann::json> call_service(const std::string& url, const std::string& method,
                                    const std::string& token, const nlohmann::json& body) {
  boost::asio::io_context io(1);
  SystemClock clock;
  auto sleep = [&clock](std::chrono::milliseconds time) { return clock.sleep_for(time); };
  auto transport =
      probes::HttpTransport::make(io.get_executor(), std::move(sleep), {{"127.0.0.1"}, ""});
  if (transport.has_error()) return Problem{url, transport.error().what};
  probes::Request request{method, url, {{"Authorization", "Bearer " + token}}, ""};
  if (!body.is_null()) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = body.dump();
  }
  std::optional<probes::Reply> reply;
  boost::asio::co_spawn(io, (*transport)->exchange(std::move(request), {}),
                        [&reply](std::exception_ptr, probes::Reply answer) { reply = answer; });
  io.run();
  if (!reply || reply->has_error()) return Problem{url, "no answer"};
  const probes::Response& response = reply->value();
  if (response.status / 100 != 2)
    return Problem{url, "answered " + std::to_string(response.status)};
  auto parsed = nlohmann::json::parse(response.body, nullptr, false);
  if (parsed.is_discarded()) return Problem{url, "answered no JSON"};
  return Result<nlohmann::json>(boost::system::in_place_value, std::move(parsed));
}

}  // namespace readback::guard::demo
