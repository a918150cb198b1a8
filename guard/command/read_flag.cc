#include "guard/command/read_flag.h"

#include <nlohmann/json.hpp>

#include "flags/bucketing.h"
#include "guard/command/daemon_client.h"
#include "guard/server/authenticate.h"

namespace readback::guard {
namespace {

using nlohmann::json;

// A name that nobody has, and that is in at the smallest step there is: so that what is read back
// is what a member of the cohort gets. `who` of a rollout may still keep it out.
std::string first_on_the_line(const std::string& flag) {
  constexpr std::uint32_t kSmallestStepPpm = 100;
  std::string name;
  for (unsigned number = 0; number == 0 || flags::place(flag, name) >= kSmallestStepPpm; ++number)
    name = "readback-rollback-" + std::to_string(number);
  return name;
}

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
  const auto tokens = server::read_tokens(last_run.token_file);
  if (tokens.has_error()) {
    served.words = "it could not be read back: " + last_run.token_file + ": " + tokens.error().what;
    return served;
  }
  const std::string first = first_on_the_line(flag);
  const json context = {{"context", {{"targetingKey", first}, {"practice", first}}}};
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
