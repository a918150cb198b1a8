#include "guard/server/admin.h"

#include <algorithm>
#include <array>
#include <boost/url/pct_string_view.hpp>
#include <iterator>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "guard/guard.h"
#include "guard/server/error_reply.h"
#include "guard/server/json_request.h"
#include "guard/status.h"

namespace readback::guard::server {
namespace {

using boost::asio::awaitable;
using nlohmann::json;
using Kind = Command::Kind;

constexpr std::string_view kExposures = "/exposures/";

Response respond(int status, const json& body) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  return response;
}

struct Asked {
  std::string flag;
  Command command;
};

// A person's words: no control characters, since they end up in ledgers, logs and terminals.
Result<void> read_text(const json& body, const char* name, std::size_t most_bytes,
                       std::string& into) {
  const auto found = body.find(name);
  if (found == body.end()) return {};
  const std::string member = std::string("\"") + name + "\"";
  if (!found->is_string()) return Problem{"", member + " is no text"};
  const auto& text = found->get_ref<const std::string&>();
  if (text.size() > most_bytes)
    return Problem{"", member + " is longer than " + std::to_string(most_bytes) + " bytes"};
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), is_control))
    return Problem{"", member + " holds control characters"};
  into = text;
  return {};
}

std::optional<Kind> kind_of(const std::string& name) {
  for (const Kind kind :
       {Kind::start, Kind::pause, Kind::resume, Kind::finish, Kind::revert, Kind::rearm})
    if (to_string(kind) == name) return kind;
  return std::nullopt;
}

Result<void> check_members(const json& body) {
  constexpr std::array kKnown = {"flag", "command", "by", "reason", "same_build"};
  for (const auto& [name, value] : body.items())
    if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end())
      return Problem{"", "a member is none of flag, command, by, reason, same_build"};
  return {};
}

Result<void> check_meaning(const Asked& asked) {
  const Command& command = asked.command;
  if (asked.flag.empty()) return Problem{"", "\"flag\" is missing"};
  if (command.by.empty()) return Problem{"", "\"by\" is missing: a person answers for it"};
  // The ledger tells by this name what the guard did by itself.
  if (command.by == "guard") return Problem{"", "\"by\" is the guard's own name, not a person's"};
  const bool needs_reason = command.kind == Kind::revert || command.kind == Kind::rearm;
  if (needs_reason && command.reason.empty()) return Problem{"", "\"reason\" is missing"};
  if (command.same_build && command.kind != Kind::rearm)
    return Problem{"", "\"same_build\" is only for rearm"};
  return {};
}

Result<Asked> read_command(const std::string& text) {
  const Result<json> body = read_json(text);
  if (body.has_error()) return body.error();
  if (!body->is_object()) return Problem{"", "the body is no JSON object"};
  if (const auto known = check_members(*body); known.has_error()) return known.error();
  Asked asked;
  std::string command;
  for (auto [name, into, most_bytes] : {std::tuple{"flag", &asked.flag, std::size_t{200}},
                                        {"command", &command, std::size_t{20}},
                                        {"by", &asked.command.by, kByBytes},
                                        {"reason", &asked.command.reason, kReasonBytes}}) {
    const Result<void> member = read_text(*body, name, most_bytes, *into);
    if (member.has_error()) return member.error();
  }
  const json same_build = body->value("same_build", json(false));
  if (!same_build.is_boolean()) return Problem{"", "\"same_build\" is no truth value"};
  asked.command.same_build = same_build.get<bool>();
  const std::optional<Kind> kind = kind_of(command);
  if (!kind)
    return Problem{"", "\"command\" is none of start, pause, resume, finish, revert, rearm"};
  asked.command.kind = *kind;
  if (const auto meant = check_meaning(asked); meant.has_error()) return meant.error();
  return asked;
}

awaitable<Response> obey(Guard* guard, Request request) {
  Result<Asked> asked = read_command(request.body);
  if (asked.has_error()) co_return error_reply(400, asked.error().what);
  const bool is_known = guard->decider().state(asked->flag) != nullptr;
  const Acknowledgement done =
      co_await guard->decider().ask(asked->flag, std::move(asked->command));
  int status = done.is_accepted ? 200 : 409;
  if (!done.is_durable) status = 503;
  if (!is_known) status = 404;
  co_return respond(status, {{"accepted", done.is_accepted},
                             {"durable", done.is_durable},
                             {"known", is_known},
                             {"words", done.words}});
}

awaitable<Response> show_status(const Guard* guard) {
  co_return respond(200, status(*guard));
}

std::optional<std::string> named_flag(const Request& request) {
  const auto encoded =
      boost::urls::make_pct_string_view(std::string_view(request.path).substr(kExposures.size()));
  if (encoded.has_error()) return std::nullopt;
  return encoded->decode();
}

awaitable<Response> show_exposures(const Guard* guard, Request request) {
  const std::optional<std::string> flag = named_flag(request);
  if (!flag) co_return error_reply(400, "the path is not percent-encoded");
  // Also of flags that the config no longer has: who was exposed stays exposed.
  const std::vector<ExposureRecord> records = guard->exposures().records(*flag);
  if (records.empty() && guard->configuration().find(*flag) == nullptr)
    co_return error_reply(404, "there is no such flag");
  json list = json::array();
  for (const ExposureRecord& record : records)
    list.push_back({{"practitioner", record.practitioner},
                    {"first_ms", record.first.count()},
                    {"last_ms", record.last.count()},
                    {"step", record.step + 1}});
  co_return respond(200, {{"flag", *flag},
                          {"is_full", guard->exposures().is_full(*flag)},
                          {"exposures", std::move(list)}});
}

awaitable<Response> load_again(Reload reload, Request request) {
  if (!request.body.empty()) co_return error_reply(400, "a reload has no body");
  const json outcome = co_await reload();
  const int status = outcome.value("accepted", false) ? 200 : 409;
  co_return respond(status, outcome);
}

}  // namespace

std::vector<Route> admin(Guard& guard, Reload reload) {
  // The lambdas are no coroutines: each hands what it captured to one by value.
  Guard* const watched = &guard;
  const Handler status = [watched](Request) { return show_status(watched); };
  const Handler command = [watched](Request request) { return obey(watched, std::move(request)); };
  const Handler exposures = [watched](Request request) {
    return show_exposures(watched, std::move(request));
  };
  const Handler again = [reload = std::move(reload)](Request request) {
    return load_again(reload, std::move(request));
  };
  return {{"GET", "/status", Scope::operate, status},
          {"POST", "/command", Scope::operate, command},
          {"GET", std::string(kExposures) + "*", Scope::operate, exposures},
          {"POST", "/reload", Scope::operate, again}};
}

}  // namespace readback::guard::server
