#include "guard/command/read_flag.h"

#include <nlohmann/json.hpp>

#include "guard/command/daemon_client.h"
#include "guard/server/authenticate.h"

namespace readback::guard {
namespace {

using nlohmann::json;

constexpr const char* kNobody = "readback-rollback";

Served of_answer(const Heard& heard) {
  Served served;
  const json body = json::parse(heard.body, nullptr, false);
  if (heard.status == 404) {
    served.is_known = true;
    served.words = "the guard serves no such flag; code default";
    return served;
  }
  if (heard.status != 200 || !body.is_object() || !body.contains("variant")) {
    served.words = "it could not be read back: status " + std::to_string(heard.status);
    return served;
  }
  served.is_known = true;
  served.variant = body.value("variant", "");
  served.reason = body.value("reason", "");
  served.is_treatment = body.value("metadata", json::object()).contains("leaseUntilMs");
  served.words = "\"" + served.variant + "\" is served now, reason " + served.reason;
  return served;
}

}  // namespace

Served read_flag(const LastRun& last_run, const std::string& flag) {
  Served served;
  const auto tokens = server::load_tokens(last_run.token_file);
  if (tokens.has_error()) {
    served.words = "it could not be read back: " + last_run.token_file + ": " + tokens.error().what;
    return served;
  }
  const json context = {{"context", {{"targetingKey", kNobody}}}};
  const Heard heard =
      ask_address(last_run.ofrep_address, {.method = "POST",
                                           .path = "/ofrep/v1/evaluate/flags/" + flag,
                                           .body = context.dump(),
                                           .token = tokens->front()});
  if (heard.kind == Heard::Kind::answered) return of_answer(heard);
  served.words = heard.kind == Heard::Kind::absent ? "nobody is served; code default"
                                                   : "it could not be read back: " + heard.words;
  return served;
}

}  // namespace readback::guard
