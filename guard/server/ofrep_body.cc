#include "guard/server/ofrep_body.h"

#include <utility>

#include "guard/server/json_request.h"

namespace readback::guard::server {

using nlohmann::json;

std::string write(const json& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

Response respond(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

Response refuse(int status, const std::optional<std::string>& key, const std::string& code,
                const std::string& details) {
  json body = {{"errorCode", code}, {"errorDetails", details}, {"metadata", json::object()}};
  if (key.has_value()) body["key"] = *key;
  return respond(status, write(body));
}

Response fail_orphan(const std::optional<std::string>& key) {
  return refuse(503, key, "GENERAL", "the evaluations of this synthetic practitioner fail");
}

json success(const flags::Evaluation& evaluation, json metadata) {
  return {{"key", evaluation.flag->key},
          {"value", evaluation.variant->value},
          {"variant", evaluation.variant->name},
          {"reason", flags::to_string(evaluation.reason)},
          {"metadata", std::move(metadata)}};
}

Asked read(const Request& request, const std::optional<std::string>& key) {
  const auto body = read_json(request.body);
  if (!body.has_value()) return {{}, refuse(400, key, "PARSE_ERROR", body.error().what)};
  if (!body->is_object()) {
    return {{}, refuse(400, key, "PARSE_ERROR", "the body is no JSON object")};
  }
  const auto context = flags::read_context(body->value("context", json()));
  if (context.has_value()) return {*context, {}};
  if (key.has_value()) return {{}, refuse(400, key, "INVALID_CONTEXT", context.error().what)};
  return {};
}

}  // namespace readback::guard::server
